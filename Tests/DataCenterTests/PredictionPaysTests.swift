// SPDX-License-Identifier: Apache-2.0
import BaselinePolicies
import ControlPlane
import DataCenter
import Forecasting
import PVMS
import SimulationKernel
import Testing
import Units

/// Policies in the plant: what acting before a spike must achieve, and what acting after it costs.
@Suite("Acting before and after a spike")
struct PredictionPaysTests {
  /// One VM of one core; half load but for one spike of 1.75 cores in the third hour.
  private func fixture() -> PlantFixture {
    var fixture = PlantFixture()
    fixture.hosts = (0..<3).map { _ in .init(cores: 8) }
    fixture.vms = [
      .init(capacity: Cores(1), load: (0..<60).map { (36..<39).contains($0) ? 1.75 : 0.5 })
    ]
    fixture.interval = .minutes(5)
    fixture.duration = .hours(5)
    fixture.adjust = { $0.migration.bandwidth = BytesPerSecond(1.25e9) }
    return fixture
  }

  private func foresight(_ fixture: PlantFixture) -> Plant.PolicyMaker {
    let truth = PerfectForesight(
      truth: fixture.vms[0].load, capacities: [1], stepsPerHour: 12)
    return { inventory in
      var source = DefaultParameters()
      return PVMS(
        parameters: PVMSParameters(from: &source), inventory: inventory, forecaster: truth,
        risk: truth)
    }
  }

  private func totals(_ fixture: PlantFixture) throws -> (PlantTotals, ShadowBooks, [LogRecord]) {
    var simulator = try fixture.simulator()
    simulator.run(until: fixture.duration)
    simulator.model.close(at: simulator.now)
    return (
      simulator.model.totals(at: simulator.now), simulator.model.shadowBooks,
      simulator.model.takeLog()
    )
  }

  @Test(
    "with foresight the spike degrades nothing, and the shadow works little more than it",
    arguments: 1...5)
  func foresightServesAll(seed: UInt64) throws {
    var fixture = fixture()
    fixture.seed = seed
    fixture.policy = foresight(fixture)
    let (totals, shadows, log) = try totals(fixture)
    #expect(totals.overloadVmSeconds == 900)
    #expect(totals.degradedVmSeconds == 0)
    #expect(totals.unservedCoreSeconds == 0)
    #expect(shadows.useful == 1)
    // Active from a lead time before the spike to the first telemetry after it.
    #expect(shadows.activeSeconds >= 900)
    #expect(shadows.activeSeconds < 900 + 180)
    let active = try #require(log.first { $0.kind == .shadowActive })
    #expect(active.time < .minutes(180))
  }

  @Test("a reactive policy pays detection, boot and shift with degraded time", arguments: 1...5)
  func reactivePaysLatency(seed: UInt64) throws {
    var fixture = fixture()
    fixture.seed = seed
    fixture.policy = { inventory in
      var source = DefaultParameters()
      return ReactiveShadowing(parameters: .init(from: &source), inventory: inventory)
    }
    let (totals, shadows, _) = try totals(fixture)
    // Detection takes up to 76 s, a boot some 60 s: well above zero, well below the whole spike.
    #expect(totals.degradedVmSeconds > 30)
    #expect(totals.degradedVmSeconds < 600)
    #expect(shadows.late == 1)
    // 0.75 cores are missing while it is degraded.
    #expect(abs(totals.unservedCoreSeconds - 0.75 * totals.degradedVmSeconds) < 1e-6)
  }

  @Test("every shadow is given up in the end")
  func allReleased() throws {
    var fixture = fixture()
    fixture.policy = foresight(fixture)
    let (_, _, log) = try totals(fixture)
    let made = log.count { $0.kind == .shadowOrdered }
    #expect(log.count { $0.kind == .shadowTerminated } == made)
    #expect(made == 1)
  }

  /// Case 15 of the faults reported of other simulators.
  @Test("maintenance for which no move is feasible is reported, once, and nothing ping-pongs")
  func impossibleMaintenance() throws {
    var fixture = PlantFixture()
    fixture.hosts = (0..<3).map { _ in .init(cores: 10) }
    fixture.vms = [
      .init(capacity: Cores(3), load: [3]), .init(capacity: Cores(9), load: [9]),
      .init(capacity: Cores(9), load: [9]),
    ]
    fixture.interval = .hours(24)
    fixture.duration = .hours(24)
    fixture.placement = .worstFit
    fixture.maintenance = [.init(hosts: [HostID(0)], start: .hours(2), end: .hours(4))]
    let truth = PerfectForesight(truth: [3, 9, 9], capacities: [3, 9, 9], stepsPerHour: 1)
    fixture.policy = { inventory in
      var source = DefaultParameters()
      return PVMS(
        parameters: PVMSParameters(from: &source), inventory: inventory, forecaster: truth,
        risk: truth)
    }
    let (_, _, log) = try totals(fixture)
    let alerts = log.filter { $0.kind == .alert }
    #expect(alerts.count == 1)
    #expect(alerts.first?.detail.contains("noFeasibleMove") == true)
    #expect((alerts.first?.time ?? .zero) < .hours(2))
    #expect(!log.contains { $0.kind == .migrationStarted })
  }

  @Test("a host is emptied before its maintenance when there is room")
  func possibleMaintenance() throws {
    var fixture = PlantFixture()
    fixture.hosts = (0..<3).map { _ in .init(cores: 10) }
    fixture.vms = [.init(capacity: Cores(3), load: [3]), .init(capacity: Cores(5), load: [5])]
    fixture.interval = .hours(12)
    fixture.duration = .hours(12)
    fixture.placement = .worstFit
    fixture.adjust = { $0.migration.bandwidth = BytesPerSecond(1e8) }
    fixture.maintenance = [.init(hosts: [HostID(0)], start: .hours(2), end: .hours(4))]
    let truth = PerfectForesight(truth: [3, 5], capacities: [3, 5], stepsPerHour: 1)
    fixture.policy = { inventory in
      var source = DefaultParameters()
      return PVMS(
        parameters: PVMSParameters(from: &source), inventory: inventory, forecaster: truth,
        risk: truth)
    }
    let (_, _, log) = try totals(fixture)
    #expect(log.count { $0.kind == .migrationDone } == 1)
    let begins = try #require(log.first { $0.kind == .maintenanceBegins })
    #expect(begins.detail == "empty")
  }
}
