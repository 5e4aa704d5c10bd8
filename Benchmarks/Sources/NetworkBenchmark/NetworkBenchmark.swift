// SPDX-License-Identifier: Apache-2.0
import Glibc
import NetworkFlows
import SimulationKernel
import Units

func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

/// Migrations between random hosts of a large data center: a fixed number is under way at any
/// time; whenever one ends, the next one starts. One event is a start, an end or a change of cap.
struct MigrationStorm {
  static let hostsPerRack = 40

  var network: DataCenterNetwork
  var random = RandomStream(seed: 7, purpose: "storm")
  var hosts: Int
  var active: [FlowID] = []
  var caps: [FlowID: Double] = [:]
  var rateChanges = 0

  init(hosts: Int, oversubscription: Double) {
    self.hosts = hosts
    let racks = (0..<hosts).map { $0 / Self.hostsPerRack }
    let spec = NetworkSpec(
      topology: .leafSpine(spines: 8, oversubscription: oversubscription))
    network = DataCenterNetwork(spec: spec, rackOfHost: racks)
  }

  mutating func start() {
    let source = random.integer(below: hosts)
    var target = random.integer(below: hosts)
    if target == source { target = (target + 1) % hosts }
    let flow = network.addFlow(
      from: .host(source), to: .host(target), kind: .migration,
      bytes: Bytes(1e9 + random.exponential(mean: 8e9)))
    active.append(flow)
    rateChanges += network.takeRateChanges().count
  }

  /// Runs until that many events have happened; every fourth one changes a cap.
  mutating func run(events: Int) {
    var done = 0
    while done < events {
      if done % 4 == 3 {
        let index = random.integer(below: active.count)
        let cap = 1e8 * (1 + 4 * random.uniform())
        network.setCap(BytesPerSecond(cap), of: active[index])
        caps[active[index]] = cap
        done += 1
      } else if let next = network.nextCompletion() {
        for end in network.advance(to: next.time) {
          active.removeAll { $0 == end.flow }
          start()
          done += 2
        }
      }
      rateChanges += network.takeRateChanges().count
    }
  }
}

extension MigrationStorm {
  /// Whether no link is exceeded and every flow is at its cap or has a full link on its way on
  /// which nobody gets more.
  func isMaxMinFair() -> Bool {
    let rounding = 1e-9
    var isHeldBack: [FlowID: Bool] = [:]
    for link in (0..<network.sharing.linkCount).map({ LinkID($0) }) {
      let flows = network.sharing.flows(on: link)
      let load = network.sharing.load(of: link).value
      let capacity = network.sharing.capacity(of: link).value
      guard load <= capacity * (1 + rounding) else { return false }
      guard load >= capacity * (1 - rounding) else { continue }
      let rates = flows.map { network.rate(of: $0).value }
      let highest = rates.max() ?? 0
      for (flow, rate) in zip(flows, rates) where rate >= highest * (1 - rounding) {
        isHeldBack[flow] = true
      }
    }
    return active.allSatisfy { flow in
      isHeldBack[flow] == true || caps[flow].map { network.rate(of: flow).value >= $0 } == true
    }
  }
}

@main
enum NetworkBenchmark {
  /// Usage: NetworkBenchmark HOSTS FLOWS EVENTS OVERSUBSCRIPTION.
  ///
  /// Prints flow events per CPU second.
  static func main() {
    let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    guard arguments.count == 4, arguments.allSatisfy({ $0 > 0 }) else {
      perror("usage: NetworkBenchmark HOSTS FLOWS EVENTS OVERSUBSCRIPTION")
      exit(64)
    }
    var storm = MigrationStorm(hosts: arguments[0], oversubscription: Double(arguments[3]))
    for _ in 0..<arguments[1] { storm.start() }
    storm.rateChanges = 0
    let start = cpuSeconds()
    storm.run(events: arguments[2])
    let used = cpuSeconds() - start
    guard storm.isMaxMinFair() else {
      perror("the rates are not max-min fair")
      exit(1)
    }
    let changes = Double(storm.rateChanges) / Double(arguments[2])
    let rate = Double(arguments[2]) / used
    print(
      "{\"hosts\": \(arguments[0]), \"flows\": \(arguments[1]), "
        + "\"oversubscription\": \(arguments[3]), "
        + "\"eventsPerSecond\": \(rate), \"rateChangesPerEvent\": \(changes)}")
  }
}
