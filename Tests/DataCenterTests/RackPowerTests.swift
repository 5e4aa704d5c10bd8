// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Forecasting
import PVMS
import SimulationKernel
import Testing
import Units

/// Racks that are switched off in the night and back on before the morning.
@Suite("Rack power")
struct RackPowerTests {
  private static let bootTime = SimTime.minutes(4)

  /// Four racks of one host; four VMs that are busy, then idle for four hours, then busy.
  private func fixture(_ mode: RackPowerParameters.Mode, spareHosts: Int = 0) -> PlantFixture {
    var fixture = PlantFixture()
    fixture.hosts = (0..<4).map { _ in
      .init(
        cores: 10, memory: .gibibytes(32), idle: Watts(100), busy: Watts(200),
        bootTime: Self.bootTime)
    }
    fixture.vms = (0..<4).map { _ in
      .init(
        capacity: Cores(8), memory: .gibibytes(1),
        load: (0..<96).map { (24..<72).contains($0) ? 1 : 7 })
    }
    fixture.interval = .minutes(5)
    fixture.duration = .hours(8)
    fixture.overcommit = 4
    fixture.placement = .worstFit
    fixture.adjust = { $0.migration.bandwidth = BytesPerSecond(1.25e9) }
    let truth = PerfectForesight(
      truth: fixture.vms[0].load.flatMap { load in [load, load, load, load] },
      capacities: [8, 8, 8, 8], stepsPerHour: 12)
    var source = DefaultParameters()
    var parameters = PVMSParameters(from: &source)
    parameters.power.mode = mode
    parameters.power.spareHosts = spareHosts
    let fixed = parameters
    fixture.policy = { inventory in
      PVMS(parameters: fixed, inventory: inventory, forecaster: truth, risk: truth)
    }
    return fixture
  }

  private func run(_ fixture: PlantFixture) throws -> (PlantTotals, [LogRecord], [String]) {
    var simulator = try fixture.simulator()
    var broken: [String] = []
    while let event = simulator.scheduler.popNext(notAfter: fixture.duration) {
      simulator.model.handle(event, scheduler: &simulator.scheduler)
      broken += simulator.model.brokenInvariants()
    }
    simulator.run(until: fixture.duration)
    simulator.model.close(at: simulator.now)
    return (simulator.model.totals(at: simulator.now), simulator.model.takeLog(), broken)
  }

  @Test("what is not needed is switched off and back on in time: less energy, nothing degraded")
  func predictive() throws {
    let (none, _, _) = try run(fixture(.none))
    let (totals, log, broken) = try run(fixture(.predictive))
    #expect(broken.isEmpty)
    #expect(none.degradedVmSeconds == 0)
    #expect(totals.degradedVmSeconds == 0)
    // Three of four hosts off for most of three hours of eight.
    #expect(totals.hostEnergy.value < 0.9 * none.hostEnergy.value)
    #expect(log.count { $0.kind == .hostOff } == 3)
    #expect(log.count { $0.kind == .hostOn } == 3)
    // On and booted before the rise at six hours.
    #expect(log.filter { $0.kind == .hostOn }.allSatisfy { $0.time < .hours(6) })
  }

  @Test("nothing is sent to a host that is still booting")
  func booting() throws {
    let (_, log, _) = try run(fixture(.predictive))
    var isUp = [Bool](repeating: true, count: 4)
    for line in log {
      guard let host = line.host?.index else { continue }
      switch line.kind {
      case .hostBooting, .hostShuttingDown, .hostOff: isUp[host] = false
      case .hostOn: isUp[host] = true
      case .migrationStarted, .shadowOrdered: #expect(isUp[host], "\(line)")
      default: break
      }
    }
    #expect(log.contains { $0.kind == .hostBooting })
    #expect(log.contains { $0.kind == .migrationStarted })
  }

  @Test("waking when the load is there already is too late by the boot")
  func reactive() throws {
    let (totals, log, broken) = try run(fixture(.reactive))
    #expect(broken.isEmpty)
    #expect(log.contains { $0.kind == .hostOff })
    #expect(totals.degradedVmSeconds >= Self.bootTime.seconds)
  }

  @Test("spare hosts stay on", arguments: 0...3)
  func spare(hosts: Int) throws {
    let (_, log, _) = try run(fixture(.predictive, spareHosts: hosts))
    // One host carries the night; the spare ones come on top.
    #expect(log.count { $0.kind == .hostOff } == 3 - hosts)
  }

  /// Wants a standby of the first VM all the time, and nothing else.
  private struct StandbyWanted: OverloadRiskModel {
    let seriesCount = 4
    mutating func observe(_ values: [Double]) {}
    mutating func probabilities() -> (next: [Double], withinHour: [Double]) {
      ([0, 0, 0, 0], [0.5, 0, 0, 0])
    }
  }

  @Test("a host that holds only a suspended shadow is emptied and switched off")
  func suspendedShadow() throws {
    var fixture = fixture(.predictive)
    let truth = PerfectForesight(
      truth: fixture.vms[0].load.flatMap { load in [load, load, load, load] },
      capacities: [8, 8, 8, 8], stepsPerHour: 12)
    var source = DefaultParameters()
    var parameters = PVMSParameters(from: &source)
    parameters.power.mode = .predictive
    parameters.power.spareHosts = 1
    let fixed = parameters
    fixture.duration = .hours(5)
    fixture.policy = { inventory in
      PVMS(
        parameters: fixed, inventory: inventory, forecaster: truth, risk: StandbyWanted())
    }
    var simulator = try fixture.simulator()
    simulator.run(until: fixture.duration)
    let log = simulator.model.takeLog()
    // Primary and standby are apart, so two hosts stay on; the spare one is one of them.
    #expect(log.count { $0.kind == .hostOff } == 2)
    #expect(log.contains { $0.kind == .shadowTerminated })
    let shadows = simulator.model.shadowReports()
    #expect(shadows.map(\.state) == [.suspended])
    #expect(shadows.first?.vm == VMID(0))
  }
}
