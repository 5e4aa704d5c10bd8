// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Facility
import SimulationKernel
import Testing
import Units

/// A host's way through S3 and S5, by the second and the joule.
@Suite("Power states take time and energy")
struct PowerStateTests {
  private func simulator() throws -> Simulator<Plant> {
    var fixture = PlantFixture()
    fixture.hosts = [.init()]
    fixture.vms = []
    fixture.adjust = {
      $0.dataCenter.racks[0].server.model = ServerModel(
        name: "test", about: "", cores: Cores(4), memory: .gibibytes(64),
        curve: .linear(idle: Watts(100), max: Watts(200)), offPower: Watts(8),
        sleepPower: Watts(15), bootTime: .seconds(180), bootPower: Watts(240),
        shutdownTime: .seconds(30), shutdownPower: Watts(110), suspendTime: .seconds(5),
        wakeTime: .seconds(20), wakePower: Watts(150))
    }
    return try fixture.simulator()
  }

  /// Runs to a second, and returns power and energy there.
  private func look(_ simulator: inout Simulator<Plant>, at seconds: Int) -> (
    watts: Double, joules: Double
  ) {
    simulator.run(until: .seconds(seconds))
    return (
      simulator.model.power(of: HostID(0)).value,
      simulator.model.energy(of: HostID(0), at: simulator.now).value
    )
  }

  /// 1000 J idle, 5 s at 110 W, 85 s at 15 W, 20 s at 150 W.
  @Test("S3: suspend, sleep, wake")
  func sleep() throws {
    var simulator = try simulator()
    #expect(look(&simulator, at: 10) == (100, 1000))
    simulator.submit(.powerHost(HostID(0), .asleep))
    #expect(look(&simulator, at: 12) == (110, 1220))
    #expect(look(&simulator, at: 100) == (15, 2825))
    simulator.submit(.powerHost(HostID(0), .on))
    #expect(look(&simulator, at: 110).watts == 150)
    #expect(look(&simulator, at: 130) == (100, 6825))
  }

  /// 30 s at 110 W, 70 s at 8 W, 180 s at 240 W, 20 s idle.
  @Test("S5: shut down, off, boot")
  func off() throws {
    var simulator = try simulator()
    simulator.submit(.powerHost(HostID(0), .off))
    #expect(look(&simulator, at: 20) == (110, 2200))
    #expect(look(&simulator, at: 100) == (8, 3860))
    simulator.submit(.powerHost(HostID(0), .on))
    #expect(look(&simulator, at: 200).watts == 240)
    #expect(look(&simulator, at: 300) == (100, 49_060))
  }
}
