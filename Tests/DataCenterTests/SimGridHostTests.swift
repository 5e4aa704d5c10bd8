// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Facility
import SimulationKernel
import Testing
import Units

/// Decimal figures of a few terms.
private let roundingTolerance = 1e-9

/// SimGrid 3.32's host-energy run (idle 100 W, ε 120 W, all cores 200 W, off 10 W), in the plant: what
/// a curve says of one moment has to come out of sharing, states and books as well.
@Suite("SimGrid's host in the plant")
struct SimGridHostTests {
  private func fixture(loads: [Double], cores: Double) -> PlantFixture {
    var fixture = PlantFixture()
    fixture.hosts = [.init(cores: 4, off: Watts(10))]
    fixture.vms = loads.isEmpty ? [] : [.init(capacity: Cores(cores), load: loads)]
    fixture.interval = .seconds(10)
    fixture.duration = .seconds(10 * max(loads.count, 1))
    fixture.adjust = {
      $0.dataCenter.racks[0].server.model.curve = .coreBased(
        idle: Watts(100), epsilon: Watts(120), allCores: Watts(200))
    }
    return fixture
  }

  /// Ten seconds each with 0, 1, 2, 4 busy cores; then 8 tasks' load, which four cores serve for 20 s;
  /// then idle again.
  @Test("phases of the oracle, by the joule")
  func phases() throws {
    let fixture = fixture(loads: [0, 1, 2, 4, 8, 8, 0], cores: 4)
    var simulator = try fixture.simulator()
    var energies: [Double] = []
    for phase in 1...7 {
      simulator.run(until: .seconds(10 * phase))
      energies.append(simulator.model.energy(of: HostID(0), at: simulator.now).value)
    }
    for (found, joules) in zip(energies, [1000.0, 2400, 4000, 6000, 8000, 10_000, 11_000]) {
      #expect(abs(found - joules) < roundingTolerance * joules)
    }
  }

  @Test("a VM capped to half a core draws 130 W")
  func cappedVM() throws {
    let fixture = fixture(loads: [2], cores: 0.5)
    var simulator = try fixture.simulator()
    simulator.run(until: .seconds(10))
    #expect(simulator.model.energy(of: HostID(0), at: simulator.now) == Joules(1300))
  }

  @Test("switched off it draws 10 W")
  func off() throws {
    var fixture = fixture(loads: [0], cores: 1)
    // The VM is on the other host, so this one is empty.
    fixture.hosts.append(fixture.hosts[0])
    fixture.placement = .firstFit
    var simulator = try fixture.simulator()
    simulator.submit(.powerHost(HostID(1), .off))
    simulator.run(until: .seconds(10))
    #expect(simulator.model.energy(of: HostID(1), at: simulator.now) == Joules(100))
  }
}
