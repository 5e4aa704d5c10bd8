// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import SimulationKernel
import Testing
import Units

/// Faults that stop nothing but information and orders.
@Suite("Disturbed telemetry and stuck orders")
struct DisturbanceTests {
  /// Ages of the newest telemetry at the decisions, as the policy reported them.
  private func ages(_ faults: [Fault]) throws -> [(time: SimTime, age: Double)] {
    var fixture = HostFailureTests.fixture { $0.faults.listed = faults }
    // Load that changes every 10 s, so that every telemetry interval has something to report.
    fixture.vms[0].load = (0..<360).map { Double($0 % 2) }
    fixture.interval = .seconds(10)
    var simulator = try fixture.simulator()
    _ = HostFailureTests.finish(&simulator, fixture)
    return simulator.model.takeLog().filter { $0.kind == .alert }.compactMap { line in
      Double(line.detail.split(separator: " ").last ?? "").map { (line.time, $0) }
    }
  }

  @Test("in a gap nothing arrives")
  func gap() throws {
    let fault = Fault(target: .telemetryGap, start: .seconds(1200), end: .seconds(1800))
    let ages = try ages([fault])
    // Every 15 s, 1 s on the way.
    #expect(
      ages.filter { $0.time > .seconds(120) && $0.time < .seconds(1200) }.allSatisfy { $0.age < 17 }
    )
    #expect(ages.contains { $0.age > 530 && $0.time < .seconds(1800) })
    #expect(ages.filter { $0.time > .seconds(1820) }.allSatisfy { $0.age < 17 })
  }

  @Test("late telemetry is older, but in order")
  func delay() throws {
    let fault = Fault(
      target: .telemetryDelay(.seconds(100)), start: .seconds(1200), end: .seconds(1800))
    let ages = try ages([fault])
    #expect(
      ages.filter { $0.time > .seconds(1420) && $0.time < .seconds(1800) }
        .allSatisfy { $0.age > 100 && $0.age < 117 })
    #expect(ages.filter { $0.time > .seconds(2000) }.allSatisfy { $0.age < 17 })
  }

  @Test("a shadow that never becomes ready is given up after all its tries")
  func stuckShadow() throws {
    let fixture = HostFailureTests.fixture {
      $0.faults.stuckShadowSteps = 1
      $0.faults.stuckAfter = .minutes(10)
    }
    var simulator = try fixture.simulator()
    simulator.submit(
      .createShadow(vm: VMID(0), size: Fraction(1), thenSuspend: false, avoiding: []))
    _ = HostFailureTests.finish(&simulator, fixture)
    // Two tries of 10 min, a second between them.
    let failed = try #require(simulator.model.takeLog().first { $0.kind == .shadowFailed })
    #expect(failed.time == .seconds(1201))
    #expect(simulator.model.shadowBooks.failed == 1)
    #expect(simulator.model.reservedMemory(on: HostID(1)) == Bytes(0))
  }
}
