// SPDX-License-Identifier: Apache-2.0
import BaselinePolicies
import ControlPlane
import DataCenter
import Forecasting
import PVMS
import ShadowModels
import SimulationKernel
import Testing
import Units

/// The published predictive policies in the plant.
@Suite("Predictive rivals in the plant")
struct PredictiveRivalsInPlantTests {
  enum Rival: String, CaseIterable, Sendable { case press, agile }

  private static let period = 32

  /// Half load, and in each period of 32 samples a spike of two; no two values of a period are
  /// equal, so that wavelets, too, know what follows what.
  private static func load(_ step: Int) -> Double {
    let phase = step % period
    return (phase == 20 || phase == 21 ? 1.7 : 0.4) + 0.003 * Double(phase)
  }

  /// A policy that has seen the loads before time zero.
  private static func policy(
    _ rival: Rival, history: [[Double]], interval: SimTime = .minutes(5), order: Int = 12
  ) -> Plant.PolicyMaker {
    var source = DefaultParameters()
    let past = TrainingSeries(history, calendar: StepCalendar(interval: interval))
    let model: ForecastModel
    let parameters: PredictiveShadowing.Parameters
    switch rival {
    case .press:
      let press = PressParameters(from: &source)
      (model, parameters) = (.press(press.forecast), press.shadowing)
    case .agile:
      var agile = AgileParameters(from: &source)
      agile.forecast.order = order
      (model, parameters) = (.agile(agile.forecast), agile.shadowing)
    }
    let forecaster = model.make(
      past, ForecastSettings(horizons: Array(1...parameters.lookAhead)))
    return {
      PredictiveShadowing(parameters: parameters, inventory: $0, forecaster: forecaster)
    }
  }

  /// One VM of one core, 16 periods of history, three more to live through.
  private func fixture(_ rival: Rival, seed: UInt64) -> PlantFixture {
    var fixture = PlantFixture()
    fixture.hosts = (0..<3).map { _ in .init(cores: 8) }
    fixture.vms = [
      .init(capacity: Cores(1), load: (0..<3 * Self.period).map(Self.load))
    ]
    fixture.interval = .minutes(5)
    fixture.duration = .minutes(5 * 3 * Self.period)
    fixture.seed = seed
    fixture.adjust = {
      $0.migration.bandwidth = BytesPerSecond(1.25e9)
      // No boot takes the two minutes that the policies begin with.
      $0.shadow.creation = .coldBoot(.init(median: .seconds(60), sigma: 0.08))
    }
    fixture.policy = Self.policy(
      rival, history: [(0..<16 * Self.period).map(Self.load)])
    return fixture
  }

  @Test(
    "a spike that comes at regular times has its shadow ready before it begins",
    arguments: Rival.allCases, 1...5)
  func readyInTime(rival: Rival, seed: UInt64) throws {
    let (plant, totals, log) = try fixture(rival, seed: seed).run()
    #expect(totals.overloadVmSeconds == 3 * 600)
    var shadows: Set<Int> = []
    let ready = log.filter {
      // A drained shadow is ready once more.
      guard $0.kind == .shadowReady, let shadow = $0.shadow?.number else { return false }
      return shadows.insert(shadow).inserted
    }
    #expect(ready.count == 3)
    // Wavelets place a spike in time to within their look-ahead window of four samples only.
    let earliest = SimTime.minutes(rival == .press ? 5 : 20)
    for (spike, line) in ready.enumerated() {
      let begin = SimTime.minutes(5 * (spike * Self.period + 20))
      #expect(line.time < begin && begin - line.time < earliest)
    }
    #expect(plant.shadowBooks.useful == 3)
    #expect(plant.shadowBooks.useless == 0)
    #expect(plant.shadowBooks.late == 0)
    #expect(totals.degradedVmSeconds == 0)
  }

  @Test("every shadow is given up in the end", arguments: Rival.allCases)
  func released(rival: Rival) throws {
    let (_, _, log) = try fixture(rival, seed: 1).run()
    #expect(log.count { $0.kind == .shadowOrdered } == 3)
    #expect(log.count { $0.kind == .shadowTerminated } == 3)
  }

  /// What PVMS is held to: no traffic on a shadow that is not ready, shares that add up, what is
  /// promised is there, bounded actions, and nothing left of shadows when all is quiet.
  ///
  /// AGILE's autoregression has order 4 here: at the coarsest scale it looks back 4·4 samples, less
  /// than the quiet lasts. With 12 it still sees the tumult at the end, and may await it again.
  @Test(
    "under random faults invariants hold, nothing flaps, and every shadow is given up",
    arguments: Rival.allCases, 0..<RandomCommandsTests.seedCount)
  func invariants(rival: Rival, seed: Int) throws {
    let misdeeds = Misdeeds()
    var fixture = FaultyWorld.fixture(seed: seed)
    let make = Self.policy(
      rival,
      history: fixture.vms.map { [Double](repeating: 0.1, count: 500) + $0.load.prefix(12) },
      order: 4)
    var parameters = FaultyWorld.parameters(seed: seed)
    parameters.actionsPerHour = 60
    let watched = parameters
    fixture.policy = {
      WatchedPVMS(try make($0), parameters: watched, inventory: $0, misdeeds: misdeeds)
    }
    var simulator = try fixture.simulator()
    while let event = simulator.scheduler.popNext(notAfter: fixture.duration) {
      simulator.model.handle(event, scheduler: &simulator.scheduler)
      let broken = simulator.model.brokenInvariants()
      #expect(broken.isEmpty, "seed \(seed), \(simulator.now): \(event): \(broken)")
      if !broken.isEmpty { return }
    }
    var living: Set<Int> = []
    for line in simulator.model.takeLog() {
      guard let shadow = line.shadow?.number else { continue }
      switch line.kind {
      case .shadowOrdered: living.insert(shadow)
      case .shadowTerminated, .shadowFailed: living.remove(shadow)
      default: break
      }
    }
    #expect(living.isEmpty, "seed \(seed): shadows \(living.sorted()) are left")
    #expect(misdeeds.all.isEmpty, "seed \(seed): \(misdeeds.all)")
  }
}
