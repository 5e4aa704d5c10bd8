// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Forecasting
import Glibc
import PVMS
import SimulationKernel
import Units

func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

/// Forecasts that cost nothing: noise around a level, drawn beforehand.
struct DrawnForecasts: Forecaster, OverloadRiskModel {
  let modelNames = ["drawn"]
  let seriesCount: Int
  /// What is drawn, one after the other.
  private var batches: [ForecastBatch] = []
  private var risks: [(next: [Double], withinHour: [Double])] = []
  private var step = 0
  private static let count = 8

  init(vms: Int, horizons: [Int], random: inout RandomStream) {
    seriesCount = vms
    for _ in 0..<Self.count {
      var batch = ForecastBatch(seriesCount: vms, horizons: horizons, levels: PVMS.levels)
      for horizon in horizons.indices {
        for vm in 0..<vms {
          let mean = 0.2 + 0.9 * random.uniform()
          batch.mean[horizon * vms + vm] = mean
          for (level, share) in batch.levels.enumerated() {
            batch.quantiles[batch.quantileIndex(horizon: horizon, level: level, series: vm)] =
              mean + 0.6 * (share - 0.5)
          }
        }
      }
      batches.append(batch)
      // One VM in five changes its mind from interval to interval: far more than in real life.
      let next = (0..<vms).map { _ in random.bernoulli(0.2) ? 0.5 * random.uniform() : 0 }
      risks.append((next, next.map { max($0, random.bernoulli(0.3) ? 0.3 : 0) }))
    }
  }

  mutating func observe(_ values: [Double]) { step += 1 }
  mutating func forecast(into batch: inout ForecastBatch) { batch = batches[step % Self.count] }
  mutating func probabilities() -> (next: [Double], withinHour: [Double]) {
    risks[step % Self.count]
  }
}

/// A data center on paper whose orders are carried out at once.
struct PaperCenter {
  static let interval = SimTime.minutes(5)
  static let hostsPerRack = 20

  let inventory: Inventory
  var policy: any ManagementPolicy
  var commands = CommandQueue()
  var hostOfVM: [Int]
  var random: RandomStream
  var nextShadow = 0
  var orders = 0
  /// CPU seconds of every decision that had anything to decide.
  var seconds: [Double] = []

  init(vms: Int, hosts: Int, mode: RackPowerParameters.Mode, random: RandomStream) {
    var random = random
    inventory = Inventory(
      vms: (0..<vms).map {
        .init(name: "vm\($0)", profile: "any", capacity: Cores(1), memory: .gibibytes(1))
      },
      hosts: (0..<hosts).map {
        .init(
          name: "h\($0)", rack: RackID($0 / Self.hostsPerRack), cores: Cores(16),
          memory: .gibibytes(64), bootTime: .minutes(2))
      },
      racks: (0..<hosts / Self.hostsPerRack).map { rack in
        .init(
          name: "r\(rack)",
          hosts: (0..<Self.hostsPerRack).map { HostID(rack * Self.hostsPerRack + $0) })
      },
      telemetryInterval: .seconds(15), decisionPeriod: .seconds(60),
      sampleInterval: Self.interval, typicalShadowLeadTime: .seconds(60))
    var source = DefaultParameters()
    var parameters = PVMSParameters(from: &source)
    parameters.fallsBack = false
    parameters.power.mode = mode
    let forecasts = DrawnForecasts(
      vms: vms, horizons: PVMS.horizons(interval: Self.interval), random: &random)
    policy = DurablePVMS(
      PVMS(
        parameters: parameters, inventory: inventory, forecaster: forecasts, risk: forecasts),
      store: MemoryStore())
    hostOfVM = (0..<vms).map { $0 % hosts }
    self.random = random
  }

  func frame(at now: SimTime, loads: [Double]) -> TelemetryFrame {
    var frame = TelemetryFrame(
      takenAt: now, vms: loads.count, hosts: inventory.hosts.count, racks: inventory.racks.count)
    frame.offeredCores = loads
    frame.usedCores = loads
    frame.hostOfVM = hostOfVM
    frame.hostUsedCores = inventory.hosts.map { _ in 0 }
    frame.hostFreeMemoryBytes = inventory.hosts.map(\.memory.value)
    for (vm, host) in hostOfVM.enumerated() {
      frame.hostUsedCores[host] += loads[vm]
      frame.hostFreeMemoryBytes[host] -= inventory.vms[vm].memory.value
    }
    frame.hostIsAvailable = inventory.hosts.map { _ in true }
    frame.rackPowerWatts = inventory.racks.map { _ in 5000 }
    frame.rackInletCelsius = inventory.racks.map { _ in 24 }
    return frame
  }

  mutating func run(intervals: Int) {
    for interval in 0..<intervals {
      // Some hosts end up too full, so that VMs have to be moved as well.
      let loads = hostOfVM.map { host in (host % 10 == 0 ? 1.7 : 0.3) + 0.5 * random.uniform() }
      let start = Self.interval * interval
      for second in stride(from: 1, to: 300, by: 15) {
        let now = start + .seconds(second)
        policy.observe(frame(at: now, loads: loads))
        let begin = cpuSeconds()
        policy.decide(at: now, commands: &commands)
        seconds.append(cpuSeconds() - begin)
        carryOut(at: now)
      }
    }
  }

  private mutating func carryOut(at now: SimTime) {
    while true {
      let entries = commands.drain()
      if entries.isEmpty { return }
      orders += entries.count
      for entry in entries {
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
}

@main
struct PVMSBenchmark {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let vms = Int(arguments[1]), let hosts = Int(arguments[2]),
      hosts % PaperCenter.hostsPerRack == 0,
      let mode = RackPowerParameters.Mode(rawValue: arguments[3])
    else {
      print("usage: PVMSBenchmark VMS HOSTS none|reactive|predictive")
      exit(64)
    }
    var center = PaperCenter(
      vms: vms, hosts: hosts, mode: mode, random: RandomStream(seed: 1, purpose: "benchmark"))
    center.run(intervals: 24)
    let sorted = center.seconds.sorted()
    print(
      """
      {"decisions": \(sorted.count), "orders": \(center.orders), \
      "medianSeconds": \(sorted[sorted.count / 2]), \
      "p95Seconds": \(sorted[sorted.count * 95 / 100]), "worstSeconds": \(sorted[sorted.count - 1])}
      """)
  }
}
