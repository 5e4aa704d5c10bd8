// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import ShadowModels
import SimulationKernel
import Testing
import TrafficModels
import Units

/// The life of a small standby, second by second: booted, put aside, woken, grown, given traffic.
@Suite("The life of a shadow")
struct ShadowLifeTests {
  private let shadow = ShadowID(0)

  private func fixture(_ change: @escaping (inout PlantSpec) -> Void = { _ in }) -> PlantFixture {
    HostFailureTests.fixture {
      $0.shadow.creation = .warmStandby(.init(boot: .init(median: .seconds(60), sigma: 0)))
      $0.shadow.syncShare = 0
      $0.shadow.syncRateShare = 0
      $0.shadow.standbyCores = .zero
      $0.shadow.retries = 2
      $0.shadow.retryDelay = .seconds(10)
      change(&$0)
    }
  }

  private func standby(_ fixture: PlantFixture, suspended: Bool) throws -> Simulator<Plant> {
    var simulator = try fixture.simulator()
    simulator.submit(
      .createShadow(vm: VMID(0), size: Fraction(0.25), thenSuspend: suspended, avoiding: []))
    return simulator
  }

  private func power(_ simulator: Simulator<Plant>) -> Double {
    simulator.model.power(of: HostID(1)).value
  }

  @Test("suspended it holds memory and no CPU; it wakes, grows and is checked before traffic")
  func warmStandby() throws {
    let fixture = fixture { $0.traffic.healthCheckDelay = .seconds(20) }
    var simulator = try standby(fixture, suspended: true)
    // A boot takes a core, as far as the small instance has one: 50 W + 25 W a core.
    simulator.run(until: .seconds(30))
    #expect(power(simulator) == 50 + 0.25 * 25)
    simulator.run(until: .seconds(90))
    #expect(power(simulator) == 50)
    #expect(simulator.model.reservedMemory(on: HostID(1)) == .gibibytes(1))
    simulator.run(until: .seconds(100))
    simulator.submit(.resumeShadow(shadow))
    simulator.run(until: .seconds(102))
    #expect(simulator.model.readings(at: simulator.now).vmCapacityCores == [1.25])
    simulator.submit(.resizeShadow(shadow, size: Fraction(1)))
    simulator.run(until: .seconds(103.9))
    #expect(simulator.model.readings(at: simulator.now).vmCapacityCores == [1.25])
    simulator.run(until: .seconds(104))
    #expect(simulator.model.readings(at: simulator.now).vmCapacityCores == [2])
    simulator.submit(.shiftTraffic(shadow, share: Fraction(0.5)))
    _ = HostFailureTests.finish(&simulator, fixture)
    let log = simulator.model.takeLog()
    func time(_ kind: LogKind) -> SimTime? { log.first { $0.kind == kind }?.time }
    #expect(time(.shadowSuspended) == .seconds(61))
    #expect(time(.shadowReady) == .seconds(101.5))
    // The shift takes 5 s, but the balancer needs 20 s to find the shadow healthy.
    #expect(time(.shadowActive) == .seconds(121.5))
  }

  @Test("one that is growing goes on with that while its sessions end, and is back in time")
  func growsWhileDraining() throws {
    let fixture = fixture {
      $0.traffic.sessionMean = .seconds(60)
      $0.shadow.hotPlugTime = .seconds(20)
    }
    var simulator = try standby(fixture, suspended: false)
    simulator.run(until: .seconds(100))
    simulator.submit(.shiftTraffic(shadow, share: Fraction(0.5)))
    simulator.run(until: .seconds(200))
    simulator.submit(.resizeShadow(shadow, size: Fraction(0.5)))
    simulator.submit(.shiftTraffic(shadow, share: Fraction(0)))
    simulator.run(until: .seconds(210))
    // A second order in the middle of the drain.
    simulator.submit(.resizeShadow(shadow, size: Fraction(1)))
    #expect(simulator.model.commandBooks.refused == 1)
    simulator.run(until: .seconds(220))
    #expect(simulator.model.readings(at: simulator.now).vmCapacityCores == [1.5])
    simulator.submit(.resizeShadow(shadow, size: Fraction(1)))
    simulator.run(until: .seconds(240))
    #expect(simulator.model.readings(at: simulator.now).vmCapacityCores == [2])
    _ = HostFailureTests.finish(&simulator, fixture)
    let kinds = simulator.model.takeLog().map(\.kind)
    #expect(kinds.contains(.shadowDraining) && !kinds.contains(.shadowFailed))
  }

  /// Each step fails for certain: three times its length and two pauses of 10 s after its start.
  @Test(
    "a step that fails is tried again; then the shadow is given up and holds nothing",
    arguments: [
      (ShadowStep.provision, 200.0), (.sync, 83), (.suspend, 83), (.resume, 121.5),
      (.hotPlug, 136),
    ])
  func failures(step: ShadowStep, expected: Double) throws {
    let fixture = fixture {
      $0.shadow.failureProbability = ShadowStep.allCases.map { $0 == step ? 1 : 0 }
    }
    var simulator = try standby(fixture, suspended: step != .sync)
    simulator.run(until: .seconds(100))
    simulator.submit(.resumeShadow(shadow))
    simulator.run(until: .seconds(110))
    if step == .hotPlug { simulator.submit(.resizeShadow(shadow, size: Fraction(1))) }
    let totals = HostFailureTests.finish(&simulator, fixture)
    let failed = simulator.model.takeLog().filter { $0.kind == .shadowFailed }.map(\.time)
    #expect(failed == [.seconds(expected)])
    #expect(simulator.model.shadowBooks.failed == 1)
    #expect(simulator.model.reservedMemory(on: HostID(1)) == Bytes(0))
    #expect(totals.unservedCoreSeconds == 0)
  }
}
