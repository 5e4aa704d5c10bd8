// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import ShadowModels
import SimulationKernel
import Testing
import Units

/// A shadow that is given up takes its time to stop, and its host keeps the room meanwhile.
@Suite("Shadows that stop")
struct ShadowTerminationTests {
  /// The shadow is ready at 61 s and ordered to stop at 100 s.
  private static let orderedAt = SimTime.seconds(100)

  private func fixture(_ change: @escaping (inout PlantSpec) -> Void = { _ in }) -> PlantFixture {
    HostFailureTests.fixture {
      $0.shadow.creation = .coldBoot(.init(median: .seconds(60), sigma: 0))
      $0.shadow.syncShare = 0
      $0.shadow.terminateTime = .seconds(2)
      $0.shadow.standbyCores = Cores(0.5)
      change(&$0)
    }
  }

  private func stopping(_ fixture: PlantFixture) throws -> Simulator<Plant> {
    var simulator = try fixture.simulator()
    simulator.submit(
      .createShadow(vm: VMID(0), size: Fraction(1), thenSuspend: false, avoiding: []))
    simulator.run(until: .seconds(90))
    simulator.submit(.shiftTraffic(ShadowID(0), share: Fraction(0.5)))
    simulator.run(until: Self.orderedAt)
    #expect(simulator.model.readings(at: simulator.now).vmShadowShare == [0.5])
    simulator.submit(.terminateShadow(ShadowID(0)))
    return simulator
  }

  private func stopped(_ log: [LogRecord]) -> [SimTime] {
    log.filter { $0.kind == .shadowTerminated }.map(\.time)
  }

  @Test("it has no traffic at once, and no room from the end of the step on")
  func holdsItsRoom() throws {
    let fixture = fixture()
    var simulator = try stopping(fixture)
    #expect(simulator.model.readings(at: simulator.now).vmShadowShare == [0])
    // What a running instance without traffic uses, on 50 W + 25 W a core.
    #expect(simulator.model.power(of: HostID(1)) == Watts(50 + 0.5 * 25))
    simulator.run(until: .seconds(101.9))
    #expect(simulator.model.reservedMemory(on: HostID(1)) == .gibibytes(1))
    // Nobody can do anything with it any more.
    let id = ShadowID(0)
    let orders: [Command] = [
      .terminateShadow(id), .resumeShadow(id), .suspendShadow(id),
      .resizeShadow(id, size: Fraction(0.5)), .shiftTraffic(id, share: Fraction(1)),
    ]
    let refusedBefore = simulator.model.commandBooks.refused
    for order in orders { simulator.submit(order) }
    #expect(simulator.model.commandBooks.refused - refusedBefore == orders.count)
    simulator.run(until: .seconds(102))
    #expect(simulator.model.reservedMemory(on: HostID(1)) == Bytes(0))
    #expect(simulator.model.power(of: HostID(1)) == Watts(50))
    _ = HostFailureTests.finish(&simulator, fixture)
    #expect(stopped(simulator.model.takeLog()) == [.seconds(102)])
    let books = simulator.model.shadowBooks
    let position = try #require(ShadowState.allCases.firstIndex(of: .terminating))
    #expect(books.secondsByState[position] == 2)
    #expect(books.byteSecondsByState[position] == 2 * Bytes.gibibytes(1).value)
    #expect(books.useful == 0 && books.useless == 1)
  }

  @Test("a host is empty only when its last shadow has stopped")
  func keepsItsHostOn() throws {
    let fixture = fixture()
    var simulator = try stopping(fixture)
    let refused = simulator.model.commandBooks.refused
    simulator.submit(.powerHost(HostID(1), .off))
    #expect(simulator.model.commandBooks.refused == refused + 1)
    simulator.run(until: .seconds(102))
    simulator.submit(.powerHost(HostID(1), .off))
    #expect(simulator.model.commandBooks.refused == refused + 1)
    _ = HostFailureTests.finish(&simulator, fixture)
  }

  @Test("a step that fails is tried again, and then the shadow is killed")
  func failingStep() throws {
    let fixture = fixture {
      $0.shadow.failureProbability = ShadowStep.allCases.map { $0 == .terminate ? 1 : 0 }
      $0.shadow.retries = 2
      $0.shadow.retryDelay = .seconds(10)
    }
    var simulator = try stopping(fixture)
    _ = HostFailureTests.finish(&simulator, fixture)
    #expect(stopped(simulator.model.takeLog()) == [.seconds(100 + 2 + 12 + 12)])
    #expect(simulator.model.shadowBooks.failed == 0)
  }

  @Test("what dies with its host while it stops has stopped")
  func hostFails() throws {
    let fixture = fixture {
      $0.faults.listed = [Fault(target: .host(1), start: .seconds(101), end: .seconds(200))]
    }
    var simulator = try stopping(fixture)
    _ = HostFailureTests.finish(&simulator, fixture)
    #expect(stopped(simulator.model.takeLog()) == [.seconds(101)])
    #expect(simulator.model.faultBooks.shadowsLost == 0)
    #expect(simulator.model.reservedMemory(on: HostID(1)) == Bytes(0))
  }

  @Test("without a time for it, it is gone at once")
  func noTime() throws {
    let fixture = fixture { $0.shadow.terminateTime = .zero }
    var simulator = try stopping(fixture)
    #expect(simulator.model.reservedMemory(on: HostID(1)) == Bytes(0))
    #expect(stopped(simulator.model.takeLog()) == [Self.orderedAt])
  }
}
