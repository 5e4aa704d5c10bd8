// SPDX-License-Identifier: Apache-2.0
import DataCenter
import Experiments
import Facility
import Foundation
import SimulationKernel
import Testing
import Units

/// The books' own bound: both sides are sums of the same intervals in another order.
private let bookTolerance = 1e-9

private let shared = ProcessInfo.processInfo.environment["FORESHADOW_SHARED"] ?? "../shared"

/// The files of `Scenarios/`, by name.
private let scenarioFiles: [String] = {
  let all = (try? FileManager.default.contentsOfDirectory(atPath: "Scenarios")) ?? []
  return all.filter { $0.hasSuffix(".yaml") }.sorted()
}()

/// Energy and heat of every scenario that is there, event by event.
@Suite("Energy and heat of the scenarios")
struct ScenarioBooksTests {
  /// Shorter where days on end teach nothing new about the balance; long enough for what fails.
  private static func overrides(_ file: String) -> [String] {
    var result = ["policies=[{reactive-shadow: {holdOff: 30 min}}]"]
    for year in ["free-cooling", "whatif-climate"] where file.hasPrefix(year) {
      result.append("duration=10 d")
    }
    for trace in ["planetlab", "azure", "bitbrains", "consolidation"] where file.hasPrefix(trace) {
      result.append("duration=2 h")
    }
    return result
  }

  private func scenario(_ file: String, set: [String]) throws -> ScenarioFile? {
    do {
      return try ScenarioFile(
        path: "Scenarios/\(file)",
        overrides: try set.map { try #require(ScenarioOverride($0)) },
        folder: ScenarioFolder(sharedFolder: shared))
    } catch let error as ScenarioError where error.isMissingInput {
      print("skipped: no shared data")
      return nil
    }
  }

  /// Runs to the end and returns what is missing in the books after the event at which it is worst.
  private func worst(_ scenario: ScenarioFile) throws -> (
    electricity: Double, heat: Double, events: Int, books: FacilityAccounting
  ) {
    let policy = try #require(scenario.spec.policies.first)
    let executor = try ComparisonRunner.executor(
      scenario: scenario, policy: policy, seed: UInt64(scenario.spec.seed))
    var simulator = try executor.start()
    let end = executor.duration
    var electricity = 0.0
    var heat = 0.0
    var events = 0
    while let event = simulator.scheduler.popNext(notAfter: end) {
      simulator.model.handle(event, scheduler: &simulator.scheduler)
      events += 1
      let books = simulator.model.facility.accounting
      electricity = max(electricity, abs(books.electricityResidual))
      heat = max(heat, abs(books.heatResidual))
    }
    simulator.model.close(at: end)
    let totals = simulator.model.totals(at: end)
    let books = simulator.model.facility.accounting
    let drawn = books.energyIt - books.energyItWarmAir
    #expect(
      abs((drawn - totals.hostEnergy).value) <= bookTolerance * totals.hostEnergy.value,
      "racks drew other than hosts used")
    #expect(totals.workImbalance <= bookTolerance)
    return (electricity, heat, events, books)
  }

  @Test("there are scenarios to look at")
  func some() { #expect(scenarioFiles.count > 10) }

  @Test(
    "heat in = removed + stored + through walls, electricity in = its parts, at every event",
    arguments: scenarioFiles)
  func balance(file: String) throws {
    guard let scenario = try scenario(file, set: Self.overrides(file)) else { return }
    let found = try worst(scenario)
    #expect(found.events > 100)
    #expect(found.electricity < bookTolerance)
    #expect(found.heat < bookTolerance)
    #expect(found.books.heatGenerated.value > 0 && found.books.energyTotal.value > 0)
  }

  /// Outages with and without a generator, failing units and chillers, caps, small breakers and
  /// random plants, on the quickstart's day.
  @Test("the same under random faults of the facility", arguments: 1...12 as ClosedRange<UInt64>)
  func faults(seed: UInt64) throws {
    var random = RandomStream(seed: seed, purpose: "scenario books")
    func minutes(_ range: ClosedRange<Double>) -> String {
      "\(Int(range.lowerBound + random.uniform() * (range.upperBound - range.lowerBound))) min"
    }
    func coin() -> Bool { random.bernoulli(0.5) }
    var set = [
      "policies=[{reactive-shadow: {holdOff: 30 min}}]", "duration=8 h",
      "workload.synthetic.vms=40", "workload.history=1 d",
      "dataCenter.racks={count: 3, hosts: 4, server: dell-r640-2021}", "seed=\(seed)",
      "facility.distribution.generator.installed=\(coin())",
      "facility.distribution.battery.time=\(minutes(0...20))",
      "facility.distribution.outages=[{from: \(minutes(1...200)), duration: \(minutes(1...120))},"
        + "{from: \(minutes(330...400)), duration: \(minutes(1...60)), keepsCooling: \(coin())}]",
      "facility.cooling.failures=[{from: \(minutes(1...300)), duration: \(minutes(1...150)),"
        + " units: \(random.integer(below: 4)), keepsFans: \(coin()),"
        + " chillers: \(random.integer(below: 3))}]",
      "facility.distribution.rackCaps=[{from: \(minutes(1...300)), duration: \(minutes(1...150)),"
        + " power: \(300 + random.integer(below: 1500)) W}]",
      "facility.room.servers.fanSteps=\(random.integer(below: 9))",
      "facility.room.wallConductance=\(random.integer(below: 100)) W",
      "dataCenter.dvfs={governor: schedutil}",
    ]
    if coin() { set.append("facility.cooling.unit={crah: {storage: 3 kWh}}") }
    if coin() { set.append("facility.distribution.breaker.rating=900 W") }
    if coin() { set.append("facility.cooling.airEconomiser.enabled=true") }
    let scenario = try #require(try scenario("quickstart.yaml", set: set))
    let found = try worst(scenario)
    #expect(found.electricity < bookTolerance, "seed \(seed)")
    #expect(found.heat < bookTolerance, "seed \(seed)")
  }
}
