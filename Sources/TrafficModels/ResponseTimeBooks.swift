// SPDX-License-Identifier: Apache-2.0
import Foundation
public import SimulationKernel
public import StateArchive

/// The response times of all requests of a run, whatever instance served them.
///
/// A run sends requests to thousands of instances under changing load, and a percentile over all of
/// them is no average of theirs. So what is booked is the *load* of instances, weighted by the
/// requests it stands for; ``distribution()`` then adds up the response-time distributions that the
/// models give for those loads.
///
/// An instance with a backlog refuses what it cannot hold: such requests get an error at once, have no
/// response time, and are summed in ``refusedWeight``.
///
/// Loads are booked in classes (utilisation, and for worker pools the instance's size, to 0.8 %),
/// so memory does not grow with the run. The order of bookings does not matter but for rounding.
public struct ResponseTimeBooks: Sendable {
  /// A class of load and the requests (in core-seconds of work) that met it.
  private struct Entry: Codable {
    var key: UInt64
    var weight: Double
  }

  private let models: [ResponseTimeModel]
  /// Requests that a full backlog refused.
  public private(set) var refusedWeight = 0.0
  private var entries: ContiguousArray<Entry> = []
  /// How many entries the last merging left.
  private var mergedCount = 0

  private static let mantissaBits: UInt64 = 6
  /// Bookings that may pile up before equal classes are merged.
  private static let mostUnmerged = 1 << 16
  /// Marks the classes of instances beyond full utilisation, whose stretch is 1 / (1 − 1/ρ).
  private static let overloaded: UInt64 = 1 << 18
  /// Nearer to full utilisation than this, loads are one class.
  private static let longestStretch = 1e12
  /// The class of requests that nobody answers in time.
  private static let timedOut: UInt64 = (1 << 20) - 1
  /// The probability levels that stand for a distribution, and the part of it each stands for. From
  /// one to the next 1/40 of those still waiting get their answer, down to one in a thousand: so
  /// the times of an exponential distribution are evenly spaced.
  private static let atoms: [(level: Double, weight: Double)] = {
    let steps = 276
    let survival: [Double] = (0...steps).map { exp(-Double($0) / 40) }
    var atoms: [(level: Double, weight: Double)] = []
    for (before, after) in zip(survival, survival.dropFirst()) {
      atoms.append((level: 1 - (before + after) / 2, weight: before - after))
    }
    // The last of them wait, on average, as long again as an exponential distribution has it.
    atoms.append((1 - survival[steps] / M_E, survival[steps]))
    return atoms
  }()

  /// Empty books for instances of those models.
  public init(models: [ResponseTimeModel]) { self.models = models }

  /// Books requests to an instance.
  ///
  /// - Parameters:
  ///   - model: Position of the instance's model.
  ///   - offered: Load in cores.
  ///   - capacity: What the instance can serve, in cores.
  ///   - weight: The requests, as the work they ask for.
  public mutating func add(model: Int, offered: Double, capacity: Double, weight: Double) {
    var stretch: UInt64
    var weight = weight
    if offered < capacity {
      stretch = Self.binned(min(1 / (1 - offered / capacity), Self.longestStretch))
    } else if models[model].backlog != nil, capacity > 0 {
      // What is beyond the capacity is refused; what is admitted meets a full instance.
      let part = capacity / offered
      refusedWeight += weight * (1 - part)
      weight *= part
      stretch = Self.binned(min(1 / (1 - part), Self.longestStretch)) | Self.overloaded
    } else {
      return addTimedOut(model: model, weight: weight)
    }
    let size: UInt64
    switch models[model].discipline {
    case .processorSharing: size = 0
    case .workerPool(let cores): size = Self.binned(capacity / cores)
    }
    append(UInt64(model) << 40 | size << 20 | stretch, weight)
  }

  /// Books requests that get no answer within the timeout.
  public mutating func addTimedOut(model: Int, weight: Double) {
    append(UInt64(model) << 40 | Self.timedOut, weight)
  }

  private mutating func append(_ key: UInt64, _ weight: Double) {
    entries.append(Entry(key: key, weight: weight))
    guard entries.count - mergedCount > Self.mostUnmerged else { return }
    entries = mergedEntries()
    mergedCount = entries.count
  }

  private func mergedEntries() -> ContiguousArray<Entry> {
    var result: ContiguousArray<Entry> = []
    for entry in entries.sorted(by: { ($0.key, $0.weight) < ($1.key, $1.weight) }) {
      if let last = result.indices.last, result[last].key == entry.key {
        result[last].weight += entry.weight
      } else {
        result.append(entry)
      }
    }
    return result
  }

  /// All requests booked, refused ones too, as the work they ask for.
  public var bookedWeight: Double { entries.reduce(refusedWeight) { $0 + $1.weight } }

  /// The distribution of response times in milliseconds, over all requests booked.
  public func distribution() -> WeightedHistogram {
    var histogram = WeightedHistogram(from: 0.01, to: 1e7)
    let percentiles = models.map { model in Self.atoms.map { model.percentile($0.level) } }
    let levels = Self.atoms.map(\.level)
    for entry in mergedEntries() {
      let index = Int(entry.key >> 40)
      let model = models[index]
      let stretch = entry.key & Self.timedOut
      if stretch == Self.timedOut {
        histogram.add(model.timeoutMilliseconds, weight: entry.weight)
        continue
      }
      var capacity = 1.0
      if case .workerPool(let cores) = model.discipline {
        capacity = Self.middle(entry.key >> 20 & Self.timedOut) * cores
      }
      let part = max(0, 1 - 1 / Self.middle(stretch & ~Self.overloaded))
      let isOver = stretch & Self.overloaded != 0
      let shape = model.shape(
        offered: isOver ? capacity / max(part, 1e-6) : part * capacity, capacity: capacity)
      if case .boundedPool(let pool, let waiting) = shape {
        for (atom, time) in zip(Self.atoms, pool.quantiles(levels, waiting: waiting)) {
          histogram.add(
            min(model.timeoutMilliseconds, time + model.overheadMilliseconds),
            weight: entry.weight * atom.weight)
        }
        continue
      }
      for (atom, percentile) in zip(Self.atoms, percentiles[index]) {
        histogram.add(percentile.milliseconds(shape), weight: entry.weight * atom.weight)
      }
    }
    return histogram
  }

  /// A positive number's exponent and the first bits of its mantissa.
  private static func binned(_ value: Double) -> UInt64 { value.bitPattern >> (52 - mantissaBits) }

  /// The middle of the numbers of a class.
  private static func middle(_ bin: UInt64) -> Double {
    let shift = 52 - mantissaBits
    return (Double(bitPattern: bin << shift) + Double(bitPattern: (bin + 1) << shift)) / 2
  }
}

extension ResponseTimeBooks: Archivable {
  /// Exchanges what was booked.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&refusedWeight)
    try archive.state(&entries)
    try archive.state(&mergedCount)
  }
}
