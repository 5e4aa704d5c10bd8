// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Forecasting
import PVMS
import SimulationKernel
import Units

// PVMS that knows the future, in a plant with one spike: what it does late is the backend's doing.
extension PlantFixture {
  /// One VM of one core; half load but for one spike in the third hour.
  static func spike(_ height: Double = 1.75, hosts: Int = 3) -> PlantFixture {
    var fixture = PlantFixture()
    fixture.hosts = (0..<hosts).map { _ in .init(cores: 8) }
    fixture.vms = [
      .init(capacity: Cores(1), load: (0..<60).map { (36..<39).contains($0) ? height : 0.5 })
    ]
    fixture.interval = .minutes(5)
    fixture.duration = .hours(5)
    fixture.adjust = { $0.migration.bandwidth = BytesPerSecond(1.25e9) }
    return fixture
  }

  /// PVMS with perfect forecasts of this fixture's loads.
  func foresight(
    backend: any ComputeBackend = InstantBackend(), history: [Double] = [],
    adjust: (inout PVMSParameters) -> Void = { _ in }
  ) -> Plant.PolicyMaker {
    let samples = vms.map(\.load.count).max() ?? 1
    let truth = PerfectForesight(
      truth: (0..<samples).flatMap { sample in vms.map { $0.load[sample] } },
      capacities: vms.map(\.capacity.value),
      stepsPerHour: SimTime.hours(1) / interval)
    var source = DefaultParameters()
    var parameters = PVMSParameters(from: &source)
    parameters.fallsBack = false
    adjust(&parameters)
    let fixed = parameters
    return { inventory in
      PVMS(
        parameters: fixed, inventory: inventory, forecaster: truth, risk: truth,
        history: history, backend: backend)
    }
  }

  /// Runs to the end.
  func run() throws -> (Plant, PlantTotals, [LogRecord]) {
    var simulator = try simulator()
    simulator.run(until: duration)
    simulator.model.close(at: simulator.now)
    return (
      simulator.model, simulator.model.totals(at: simulator.now), simulator.model.takeLog()
    )
  }
}
