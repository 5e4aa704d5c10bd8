// SPDX-License-Identifier: Apache-2.0
import Units

/// Bytes of guest pages by what they cost to send, evenly mixed.
struct PageMix: Sendable, Equatable, Codable {
  /// Pages that nobody rewrites.
  var staticBytes = 0.0
  /// Pages of the cold working set.
  var cold = 0.0
  /// Pages of the hot working set.
  var hot = 0.0
  /// Pages of zeros.
  var zero = 0.0

  var total: Double { staticBytes + cold + hot + zero }

  static func * (left: PageMix, right: Double) -> PageMix {
    PageMix(
      staticBytes: left.staticBytes * right, cold: left.cold * right, hot: left.hot * right,
      zero: left.zero * right)
  }
}

/// What sending costs at present: wire bytes and time for each kind of page.
struct SendingCost: Sendable {
  /// Wire bytes for each byte of a page sent in full.
  var full: Double
  /// Wire bytes for each byte of a working set page (smaller with delta compression).
  var rewritten: Double
  /// Wire bytes for each byte of zeros.
  var zero: Double
  /// Wire bytes per second that the network gives.
  var wireRate: Double
  /// Bytes of memory per second that the host copies at most.
  var copyRate: Double

  func wireBytes(_ mix: PageMix) -> Double {
    mix.staticBytes * full + (mix.cold + mix.hot) * rewritten + mix.zero * zero
  }
  /// Infinite when there is no bandwidth and something to send.
  func seconds(_ mix: PageMix) -> Double {
    let wire = wireBytes(mix)
    guard wire > 0 else { return 0 }
    return max(wire / wireRate, (mix.total - mix.zero) / copyRate)
  }
}

/// The pages that are dirty and not yet sent, in the order in which the scan meets them.
struct PageQueue: Sendable, Codable {
  /// Each part is sent as a whole before the next; within a part the kinds are evenly mixed.
  private(set) var parts: [PageMix]

  init(_ parts: [PageMix]) {
    self.parts = parts.filter { $0.total > 0 }
  }

  /// Unsent bytes of pages, zeros included.
  var total: Double { parts.reduce(0) { $0 + $1.total } }
  /// All parts together.
  var sum: PageMix {
    parts.reduce(into: PageMix()) { sum, part in
      sum.staticBytes += part.staticBytes
      sum.cold += part.cold
      sum.hot += part.hot
      sum.zero += part.zero
    }
  }

  /// Seconds of sending until at most `rest` bytes of pages are left.
  func seconds(untilRest rest: Double, _ cost: SendingCost) -> Double {
    var left = total
    var seconds = 0.0
    for part in parts {
      if left <= rest { break }
      let share = min(1, (left - rest) / part.total)
      seconds += cost.seconds(part) * share
      left -= part.total
    }
    return seconds
  }

  /// Sends for `seconds`; gives back the wire bytes that this took.
  mutating func send(seconds: Double, _ cost: SendingCost) -> Double {
    var left = seconds
    var wire = 0.0
    while let part = parts.first {
      let needed = cost.seconds(part)
      if left < needed {
        let share = left / needed
        wire += cost.wireBytes(part) * share
        parts[0] = part * (1 - share)
        return wire
      }
      left -= needed
      wire += cost.wireBytes(part)
      parts.removeFirst()
    }
    return wire
  }
}

/// One working set between two looks at its dirty pages.
struct DirtyPopulation: Sendable, Codable {
  var set: WorkingSet
  /// Bytes written since the last look.
  var writtenBytes = 0.0
  /// Dirty bytes right after the last look.
  var dirtyAtLook: Double

  init(_ set: WorkingSet) {
    self.set = set
    dirtyAtLook = set.sizeBytes  // At the start every page has to be sent.
  }

  /// Looks: bytes that became dirty since, besides the `unsent` ones that still are.
  ///
  /// A sequential writer first hits the clean part of its set, then the oldest part of the dirty
  /// arc; where in that arc the unsent pages lie is not known, so the expected overlap counts.
  mutating func look(unsent: Double) -> Double {
    let written = writtenBytes
    writtenBytes = 0
    guard set.sizeBytes > 0 else { return 0 }
    var fresh = set.newlyDirty(written: written, clean: set.sizeBytes - unsent)
    if set.access == .sequential {
      let swept = min(written, set.sizeBytes)
      let wrapped = swept - (set.sizeBytes - dirtyAtLook)
      let overlap = dirtyAtLook > 0 ? unsent * min(1, max(0, wrapped / dirtyAtLook)) : 0
      fresh = min(swept - overlap, set.sizeBytes - unsent)
    }
    fresh = max(0, fresh).rounded(.down)
    dirtyAtLook = unsent + fresh
    return fresh
  }
}
