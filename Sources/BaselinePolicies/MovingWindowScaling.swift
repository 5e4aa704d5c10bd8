// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
import Foundation
public import StateArchive
public import Units

/// Vertical scaling by a moving window, after Autopilot's recommenders.
///
/// Each VM's capacity is a percentile of its past load with exponentially fading weights
/// `2^(−age/halfLife)`, times a safety margin. Source: Rzadca et al., "Autopilot: workload
/// autoscaling at Google", EuroSys 2020, doi:10.1145/3342195.3387524, §3.2.1 (5 min samples, CPU
/// half-life 12 h, p95 for batch jobs, peak for serving ones, margin 10–15 %).
public struct MovingWindowScaling: ManagementPolicy {
  /// The knobs.
  public struct Parameters: Sendable, Hashable {
    /// Percentile of the load that capacity is for; 100 is the peak.
    public var percentile: Double
    /// Added to it, as a share of it.
    public var margin: Double
    /// Age at which a sample counts half.
    public var halfLife: SimTime
    /// Time between two samples and decisions.
    public var period: SimTime
    /// Least change of a capacity that is worth an order.
    public var deadBand: Double
    /// Least capacity in cores.
    public var minimumCores: Double

    /// Reads the parameters; the defaults are the publication's for CPU.
    public init(from source: inout some ParameterSource) {
      percentile = source.number(
        "percentile", default: 95, in: 1...100,
        about: "Percentile of the fading past load that capacity is for; 100: the peak.")
      margin = source.fraction(
        "margin", default: 0.15, in: 0...10, about: "Safety margin on top of the percentile.")
      halfLife = source.time(
        "halfLife", default: .hours(12), in: .minutes(1) ... .days(365),
        about: "Age at which a sample counts half.")
      period = source.time(
        "period", default: .minutes(5), in: .seconds(1) ... .days(1),
        about: "Time between two samples and decisions.")
      deadBand = source.fraction(
        "deadBand", default: 0.05, about: "Least relative change that is ordered.")
      minimumCores = source.quantity(
        "minimum", .cores, default: 0.05, in: 1e-6...1e6, about: "Least capacity of a VM.")
    }
  }

  /// Samples kept of a VM: those beyond count less than one in 2^8.
  private static let halfLivesKept = 8

  private let parameters: Parameters
  private let sampleLimit: Int
  private let fading: Double
  private var offeredCores: [Double]
  private var capacityCores: [Double]
  /// Samples of each VM, oldest first.
  private var samples: [[Double]]
  private var nextRound: SimTime = .zero
  private struct Order: Sendable, Codable {
    var vm: Int
    var cores: Double
  }

  /// Orders whose outcome is open.
  private var pending: [CommandID: Order] = [:]

  /// A policy that has seen nothing yet.
  public init(parameters: Parameters, inventory: Inventory) {
    self.parameters = parameters
    let perHalfLife = parameters.halfLife.seconds / parameters.period.seconds
    sampleLimit = max(1, min(100_000, Int(perHalfLife * Double(Self.halfLivesKept))))
    fading = pow(2, -1 / perHalfLife)
    capacityCores = inventory.vms.map(\.capacity.value)
    offeredCores = [Double](repeating: .nan, count: inventory.vms.count)
    samples = [[Double]](repeating: [], count: inventory.vms.count)
  }

  /// Remembers the newest load of every VM; a missing value leaves the last one.
  public mutating func observe(_ frame: TelemetryFrame) {
    for (vm, value) in frame.offeredCores.enumerated() where value.isFinite {
      offeredCores[vm] = value
    }
  }

  /// Takes a capacity over once the plant has.
  public mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    guard let order = pending[outcome.id] else { return }
    if case .accepted = outcome.result { return }
    pending[outcome.id] = nil
    if case .done = outcome.result { capacityCores[order.vm] = order.cores }
  }

  /// Samples the load and orders the capacities that have moved far enough.
  public mutating func decide(at now: SimTime, commands: inout CommandQueue) {
    guard now >= nextRound else { return }
    nextRound = now + parameters.period
    for vm in samples.indices where offeredCores[vm].isFinite {
      samples[vm].append(offeredCores[vm])
      if samples[vm].count > sampleLimit { samples[vm].removeFirst() }
      let load = fadingPercentile(samples[vm], parameters.percentile, fading: fading)
      let cores = max(parameters.minimumCores, load * (1 + parameters.margin))
      guard abs(cores - capacityCores[vm]) > parameters.deadBand * capacityCores[vm] else {
        continue
      }
      let id = commands.issue(
        .resizePrimary(VMID(vm), capacity: Cores(cores)), because: .init(forecastCores: load))
      pending[id] = Order(vm: vm, cores: cores)
    }
  }
}

/// The smallest value that at least `percentile` % of the weight lies at or below; `samples` are
/// oldest first, each counts `fading` times the next one.
///
/// - Returns: 0 without samples.
public func fadingPercentile(_ samples: [Double], _ percentile: Double, fading: Double) -> Double {
  var weight = 1.0
  var weighted: [(value: Double, weight: Double)] = []
  var total = 0.0
  for value in samples.reversed() {
    weighted.append((value, weight))
    total += weight
    weight *= fading
  }
  weighted.sort { ($0.value, $0.weight) < ($1.value, $1.weight) }
  var sum = 0.0
  for entry in weighted {
    sum += entry.weight
    // The slack keeps rounding of the sum from stepping over the last value.
    if sum >= percentile / 100 * total * (1 - 1e-12) { return entry.value }
  }
  return weighted.last?.value ?? 0
}

extension MovingWindowScaling {
  /// Exchanges what was measured and ordered.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&offeredCores)
    try archive.state(&capacityCores)
    try archive.state(&samples)
    try archive.state(&nextRound)
    let open = pending.sorted { $0.key < $1.key }
    pending = Dictionary(
      uniqueKeysWithValues: try archive.pairs(open.map { ($0.key, $0.value) }))
  }
}
