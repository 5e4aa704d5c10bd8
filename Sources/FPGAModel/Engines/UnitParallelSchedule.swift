// SPDX-License-Identifier: Apache-2.0

/// When the engine may not issue a column, because its host holds it back: the first `stalled` of
/// every `period` cycles.
public struct StallPattern: Sendable, Equatable {
  /// Length of the pattern, ≥ 1.
  public var period: Int
  /// Stalled cycles in it, 0 ..< period.
  public var stalled: Int
  /// Cycles of the pattern that are past when the engine starts.
  public var phase = 0

  /// No stalls.
  public static let none = StallPattern(period: 1, stalled: 0)

  /// A pattern.
  ///
  /// - Precondition: 0 ≤ stalled < period.
  public init(period: Int, stalled: Int) {
    precondition(stalled >= 0 && stalled < period, "the engine never runs")
    self.period = period
    self.stalled = stalled
  }

  /// The cycle of the `count`-th free one, the first free one at or after `cycle` being number 1.
  func cycle(ofFree count: Int, from cycle: Int) -> Int {
    let shifted = cycle + phase
    let start = shifted - shifted % period
    let skipped = max(0, shifted % period - stalled)
    let free = period - stalled
    let position = skipped + count - 1
    return start + position / free * period + stalled + position % free - phase
  }
}

extension UnitParallelEngine {
  /// Cycles for sequences of their own lengths with a host that holds the engine back: the general
  /// recursion, pass by pass. A pass begins one bubble after the pass before it ended, and after
  /// the previous step of its own sequence is through the pipeline.
  ///
  /// - Parameters:
  ///   - lengths: steps of each sequence, each ≥ 1.
  ///   - stalls: cycles in which no column is issued.
  /// - Returns: cycles from `start` to the fall of `busy`; one recurrent layer.
  public func cycles(lengths: [Int], stalls: StallPattern = .none) -> Int {
    let (columns, head) = (passColumns(), headColumns)
    var ready = [Int](repeating: 0, count: lengths.count)
    var free = 1
    var last = 0
    for step in 0...(lengths.max() ?? 0) {
      for sequence in lengths.indices where step <= lengths[sequence] {
        let begin = max(free, ready[sequence]) + pipeline.bubble
        last = stalls.cycle(ofFree: step < lengths[sequence] ? columns : head, from: begin)
        ready[sequence] = last + pipeline.drain
        free = last + 1
      }
    }
    return last + pipeline.headDrain
  }

  /// When runs end that follow each other, each with weights of its own: they come through the load
  /// port into one half of the weight memory while the engine works from the other.
  ///
  /// A run takes the loaded half over when it is full and the run before has ended; from the next
  /// cycle on the port accepts lines again.
  ///
  /// - Parameters:
  ///   - runs: how many.
  ///   - lengths: steps of each sequence, the same in each run.
  ///   - stalls: pattern of each run, from the cycle in which its start is given.
  ///   - loadInterval: cycles between two lines on the port, ≥ 1: what the memory delivers.
  /// - Returns: the cycle of each fall of `busy`, counted from the first line on the port.
  public func ends(
    runs: Int, lengths: [Int], stalls: StallPattern = .none, loadInterval: Int = 1
  ) -> [Int] {
    let load = (weightLines - 1) * loadInterval
    var ends: [Int] = []
    var given = 0
    var firstLine = 0
    for _ in 0..<runs {
      let begin = max(given, firstLine + load + 1)
      firstLine = max(begin + 1, firstLine + load + loadInterval)
      var pattern = stalls
      pattern.phase = begin - given
      given = begin + cycles(lengths: lengths, stalls: pattern)
      ends.append(given)
    }
    return ends
  }
}
