// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Forecasting
import PVMS
import SimulationKernel
import Units

/// Small data centers under PVMS in which anything may fail.
enum FaultyWorld {
  static let vmCount = 6
  static let sampleCount = 36

  /// A world that the seed decides. What is wanted otherwise: whether anything fails, how many
  /// samples are busy before all is quiet, knobs of the policy, which forecaster (nil for perfect
  /// foresight), anything of the plant, and what the policy is made of PVMS.
  static func fixture(
    seed: Int, hasFaults: Bool = true, busySamples: Int = 12,
    adjustPolicy: (inout PVMSParameters) -> Void = { _ in },
    forecaster: (any Forecaster)? = nil,
    adjust: @escaping (inout PlantSpec) -> Void = { _ in },
    wrap: @escaping (PVMS) throws -> any ManagementPolicy = { $0 }
  ) -> PlantFixture {
    var stream = RandomStream(seed: UInt64(seed), purpose: "test/pvms-faults")
    var fixture = PlantFixture()
    fixture.hosts = (0..<4).map { _ in
      .init(
        cores: 4, memory: .gibibytes(8), idle: Watts(50), busy: Watts(100),
        bootTime: .seconds(30))
    }
    // By default loads jump about for an hour; in the two quiet hours all must be given up.
    fixture.vms = (0..<vmCount).map { _ in
      .init(
        capacity: Cores(0.5 + stream.uniform()), memory: .gibibytes(1),
        load: (0..<sampleCount).map { $0 < busySamples ? stream.uniform() * 3 : 0.1 })
    }
    fixture.interval = .minutes(5)
    fixture.duration = .hours(3)
    fixture.overcommit = 2
    fixture.seed = UInt64(seed)
    fixture.adjust = { spec in
      var world = RandomWorld(
        stream: RandomStream(seed: UInt64(seed), purpose: "test/random-world"))
      if hasFaults {
        world.disturb(&spec)
      } else {
        spec.migration.bandwidth = BytesPerSecond(2e7)
      }
      adjust(&spec)
    }
    let truth = PerfectForesight(
      truth: (0..<sampleCount).flatMap { sample in fixture.vms.map { $0.load[sample] } },
      capacities: fixture.vms.map(\.capacity.value), stepsPerHour: 12)
    var knobs = parameters(seed: seed)
    adjustPolicy(&knobs)
    let fixed = knobs
    fixture.policy = { inventory in
      guard let forecaster else {
        return try wrap(
          PVMS(parameters: fixed, inventory: inventory, forecaster: truth, risk: truth))
      }
      return try wrap(PVMS(parameters: fixed, inventory: inventory, forecaster: forecaster))
    }
    return fixture
  }

  /// The knobs of PVMS in that world.
  static func parameters(seed: Int) -> PVMSParameters {
    var stream = RandomStream(seed: UInt64(seed), purpose: "test/pvms-knobs")
    var source = DefaultParameters()
    var parameters = PVMSParameters(from: &source)
    let modes = RackPowerParameters.Mode.allCases
    parameters.power.mode = modes[seed % modes.count]
    parameters.power.idleTime = .minutes(5)
    parameters.power.spareHosts = stream.integer(below: 2)
    parameters.actionsPerHour = [20, 60][stream.integer(below: 2)]
    parameters.fallsBack = stream.bernoulli(0.5)
    return parameters
  }
}
