// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Forecasting
import PVMS
import StateArchive
import Units

/// A data center that only exists on paper: frames are written by hand, orders are carried out at
/// once.
struct HandMadeCenter {
  static let interval = SimTime.minutes(5)

  var inventory: Inventory
  var policy: any ManagementPolicy
  var commands = CommandQueue()
  var hostOfVM: [Int]
  var loads: [Double]
  var inletCelsius: [Double]
  var rackWatts: [Double]
  /// Every order so far.
  private(set) var orders: [Command] = []
  private var nextShadow = 0

  /// Racks of one host of ten cores; VMs of one core of capacity on the hosts given.
  static func inventory(
    hosts: Int, vms: Int, maintenance: [Inventory.MaintenanceWindow] = []
  ) -> Inventory {
    Inventory(
      vms: (0..<vms).map {
        .init(name: "vm\($0)", profile: "any", capacity: Cores(1), memory: .gibibytes(1))
      },
      hosts: (0..<hosts).map {
        .init(
          name: "h\($0)", rack: RackID($0), cores: Cores(10), memory: .gibibytes(64),
          bootTime: .minutes(2))
      },
      racks: (0..<hosts).map { .init(name: "r\($0)", hosts: [HostID($0)]) },
      maintenance: maintenance,
      telemetryInterval: .seconds(15), decisionPeriod: .seconds(60), sampleInterval: interval,
      typicalShadowLeadTime: .seconds(30))
  }

  init(
    hosts: Int, hostOfVM: [Int], loads: [Double],
    maintenance: [Inventory.MaintenanceWindow] = [],
    makePolicy: (Inventory) throws -> any ManagementPolicy
  ) rethrows {
    inventory = Self.inventory(hosts: hosts, vms: hostOfVM.count, maintenance: maintenance)
    policy = try makePolicy(inventory)
    self.hostOfVM = hostOfVM
    self.loads = loads
    inletCelsius = [Double](repeating: 22, count: hosts)
    rackWatts = [Double](repeating: 200, count: hosts)
  }

  func frame(at now: SimTime) -> TelemetryFrame {
    let hosts = inventory.hosts.count
    var frame = TelemetryFrame(takenAt: now, vms: loads.count, hosts: hosts, racks: hosts)
    frame.offeredCores = loads
    frame.usedCores = loads
    frame.memoryBytes = loads.map { 1e9 * (0.5 + $0) }
    frame.hostOfVM = hostOfVM
    frame.hostUsedCores = (0..<hosts).map { host in
      loads.indices.reduce(0) { $0 + (hostOfVM[$1] == host ? loads[$1] : 0) }
    }
    frame.hostFreeMemoryBytes = (0..<hosts).map { host in
      Bytes.gibibytes(64 - Double(hostOfVM.count { $0 == host })).value
    }
    frame.hostIsAvailable = [Bool](repeating: true, count: hosts)
    frame.rackInletCelsius = inletCelsius
    frame.rackPowerWatts = rackWatts
    return frame
  }

  /// Measures and lets the policy decide.
  mutating func decide(at now: SimTime) {
    policy.observe(frame(at: now))
    policy.decide(at: now, commands: &commands)
  }

  /// Carries out what has been ordered.
  ///
  /// - Returns: The orders.
  @discardableResult
  mutating func carryOut(at now: SimTime) -> [CommandQueue.Entry] {
    var all: [CommandQueue.Entry] = []
    while true {
      let entries = commands.drain()
      if entries.isEmpty { return all }
      all += entries
      for entry in entries {
        orders.append(entry.command)
        var shadow = entry.command.shadow
        if case .createShadow = entry.command {
          shadow = ShadowID(nextShadow)
          nextShadow += 1
        }
        if case .migrate(let vm, let host?, _) = entry.command { hostOfVM[vm.index] = host.index }
        policy.receive(
          CommandOutcome(id: entry.id, result: .accepted(shadow), at: now), commands: &commands)
        policy.receive(
          CommandOutcome(id: entry.id, result: .done(shadow), at: now), commands: &commands)
      }
    }
  }

  /// Decides and carries out once a minute.
  mutating func run(from start: SimTime, minutes: Int) {
    for minute in 0..<minutes {
      let now = start + .minutes(minute)
      decide(at: now)
      carryOut(at: now)
    }
  }
}

/// Says the same of every VM for ever: what it was told to.
struct FixedForecast: Forecaster, OverloadRiskModel {
  var means: [Double]
  /// Load a day ahead, if it is another one.
  var tomorrow: [Double]?
  var next: [Double]
  var withinHour: [Double]

  init(means: [Double], next: Double = 0, withinHour: Double = 0, tomorrow: Double? = nil) {
    self.means = means
    self.tomorrow = tomorrow.map { load in means.map { _ in load } }
    self.next = means.map { _ in next }
    self.withinHour = means.map { _ in withinHour }
  }

  var modelNames: [String] { ["fixed"] }
  var seriesCount: Int { means.count }
  mutating func observe(_ values: [Double]) {}
  mutating func probabilities() -> (next: [Double], withinHour: [Double]) { (next, withinHour) }
  mutating func forecast(into batch: inout ForecastBatch) {
    for horizon in batch.horizons.indices {
      let isDay = horizon == batch.horizons.count - 1
      for series in means.indices {
        let mean = isDay ? tomorrow?[series] ?? means[series] : means[series]
        batch.mean[horizon * seriesCount + series] = mean
        for (level, share) in batch.levels.enumerated() {
          batch.quantiles[batch.quantileIndex(horizon: horizon, level: level, series: series)] =
            mean + 0.01 * (share - 0.5)
        }
      }
    }
  }
}

/// The knobs as they are by default, changed.
func parameters(_ adjust: (inout PVMSParameters) -> Void = { _ in }) -> PVMSParameters {
  var source = DefaultParameters()
  var parameters = PVMSParameters(from: &source)
  parameters.fallsBack = false
  adjust(&parameters)
  return parameters
}

/// One VM that is overloaded in the first two intervals, and perhaps tomorrow.
struct SpikeForecast: Forecaster, OverloadRiskModel {
  var tomorrow: Double
  private var step = 0

  init(tomorrow: Double) { self.tomorrow = tomorrow }

  private var present: FixedForecast {
    let risk = step < 2 ? 1.0 : 0
    return FixedForecast(
      means: [step < 2 ? 1.5 : 0.5], next: risk, withinHour: risk, tomorrow: tomorrow)
  }
  var modelNames: [String] { ["spike"] }
  var seriesCount: Int { 1 }
  mutating func observe(_ values: [Double]) { step += 1 }
  mutating func probabilities() -> (next: [Double], withinHour: [Double]) {
    (present.next, present.withinHour)
  }
  mutating func forecast(into batch: inout ForecastBatch) {
    var present = present
    present.forecast(into: &batch)
  }
}

extension FixedForecast {
  /// Has no state.
  func archive(_ archive: inout StateArchive) {}
}

extension SpikeForecast {
  mutating func archive(_ archive: inout StateArchive) throws { try archive.state(&step) }
}
