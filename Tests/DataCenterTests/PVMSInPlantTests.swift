// SPDX-License-Identifier: Apache-2.0
import AnomalyDetection
import ControlPlane
import DataCenter
import Forecasting
import PVMS
import SimulationKernel
import Testing
import Units

/// A backend of a stated latency.
private struct SlowBackend: ComputeBackend {
  var prediction = SimTime.zero
  var balancing = SimTime.zero
  func predictionLatency(vmCount: Int) -> SimTime { prediction }
  func balancingLatency(vmCount: Int) -> SimTime { balancing }
}

/// What PVMS does in the plant besides acting before a spike.
@Suite("PVMS in the plant")
struct PVMSInPlantTests {
  private func spike(_ height: Double = 1.75, hosts: Int = 3) -> PlantFixture {
    .spike(height, hosts: hosts)
  }

  private func foresight(
    _ fixture: PlantFixture, backend: any ComputeBackend = InstantBackend(),
    history: [Double] = [], adjust: (inout PVMSParameters) -> Void = { _ in }
  ) -> Plant.PolicyMaker {
    fixture.foresight(backend: backend, history: history, adjust: adjust)
  }

  private func run(_ fixture: PlantFixture) throws -> (Plant, PlantTotals, [LogRecord]) {
    try fixture.run()
  }

  // MARK: Compute backends

  @Test("latency that the lead time allows for costs nothing; more of it costs what is late")
  func lateForecasts() throws {
    var degraded: [Double] = []
    for minutes in [0, 2, 6] {
      var fixture = spike()
      fixture.policy = foresight(fixture, backend: SlowBackend(prediction: .minutes(minutes)))
      degraded.append(try run(fixture).1.degradedVmSeconds)
    }
    #expect(degraded[0] == 0)
    #expect(degraded[1] == 0)
    // Asked for at most four minutes before the spike, the forecast comes two minutes into it; by
    // then the spike has been answered as a surprise.
    #expect(degraded[2] > 0)
    #expect(degraded[2] < 300)
  }

  @Test(
    "a balancing decision orders nothing before it has been worked out", arguments: [0, 20, 60])
  func lateBalancing(seconds: Int) throws {
    var fixture = spike()
    fixture.policy = foresight(
      fixture, backend: SlowBackend(balancing: .seconds(seconds)))
    let (_, totals, log) = try run(fixture)
    #expect(totals.degradedVmSeconds == 0)
    let decision = try #require(log.first { $0.kind == .decision })
    #expect(decision.time >= .seconds(seconds))
  }

  // MARK: Several shadows

  @Test("a spike that takes three shadows gets them before it begins once that is known")
  func severalShadows() throws {
    var fixture = spike(3.5)
    // Overloads of the past took three.
    let history = (0..<24).map { $0 % 6 == 0 ? 3.5 : 0.5 }
    fixture.hosts = (0..<5).map { _ in .init(cores: 8) }
    fixture.policy = foresight(fixture, history: history)
    let (plant, totals, log) = try run(fixture)
    #expect(totals.overloadVmSeconds == 900)
    #expect(totals.degradedVmSeconds == 0)
    #expect(plant.shadowBooks.useful == 3)
    #expect(log.count { $0.kind == .shadowTerminated } == 3)
  }

  // MARK: Decisions

  @Test("every shadow command says what it is based on")
  func reasons() throws {
    var fixture = spike()
    fixture.policy = foresight(fixture)
    let (_, _, log) = try run(fixture)
    let decisions = log.filter { $0.kind == .decision }
    let ordered = try #require(decisions.first { $0.detail.hasPrefix("create") })
    #expect(ordered.vm == VMID(0))
    #expect(ordered.rationale.overloadProbability == 1)
    #expect(ordered.rationale.horizonSeconds == 3600)
    let resumed = try #require(decisions.first { $0.detail.hasPrefix("resume") })
    #expect(resumed.rationale.forecastCores == 1.75)
    #expect(resumed.rationale.horizonSeconds == 300)
    #expect(resumed.rationale.leadTimeSeconds > 0)
    // 0.75 cores are saved, one core is spent at the price of the risk level, for five minutes.
    let gain = (0.75 - 0.15) * 300
    #expect(abs(resumed.rationale.expectedGainCoreSeconds - gain) < 1e-9)
  }

  @Test("unserved work as the objective leaves an overload alone that costs less than its shadow")
  func objective() throws {
    for (height, isServed) in [(1.1, false), (1.75, true)] {
      var fixture = spike(height)
      fixture.policy = foresight(fixture) {
        $0.objective = .unservedWork
        // What is not planned must not be answered either.
        $0.reactiveThreshold = 10
      }
      let (_, totals, _) = try run(fixture)
      #expect((totals.degradedVmSeconds == 0) == isServed)
    }
  }

  // MARK: Anomalies

  @Test("a load never seen raises one alert, gets a shadow at once, and is not learned")
  func anomaly() throws {
    func ripple(_ step: Int) -> Double { 0.2 + 0.05 * Double(step % 7) / 6 }
    var fixture = spike(0.95)
    fixture.vms[0].load = (0..<60).map { (36..<39).contains($0) ? 0.95 : ripple($0) }
    let quiet = (0..<7 * 84).map(ripple)
    var source = DefaultParameters()
    let parameters = PVMSParameters(from: &source)
    let flat = PerfectForesight(
      truth: [0.2], capacities: [1], stepsPerHour: 12)
    var watch = AnomalyWatch(
      spec: AnomalyDetectorSpec(), vmCount: 1, interval: .minutes(5))
    watch.recall(quiet)
    let ready = watch
    fixture.policy = { inventory in
      PVMS(
        parameters: parameters, inventory: inventory, forecaster: flat, risk: flat,
        anomalies: ready)
    }
    let (_, _, log) = try run(fixture)
    let alerts = log.filter { $0.kind == .alert }
    #expect(alerts.count == 1)
    #expect(alerts.first?.detail.hasPrefix("anomaly: level 0.95 cores never seen") == true)
    let begin = SimTime.minutes(180)
    let alert = try #require(alerts.first)
    #expect(alert.time > begin && alert.time <= begin + .minutes(5))
    let active = try #require(log.first { $0.kind == .shadowActive })
    #expect(active.time <= begin + .minutes(10))
  }

  // MARK: Robustness

  @Test("without telemetry the last plan holds, and it is said once")
  func telemetryGap() throws {
    var fixture = spike()
    fixture.adjust = { spec in
      spec.migration.bandwidth = BytesPerSecond(1.25e9)
      spec.faults.listed = [
        Fault(target: .telemetryGap, start: .minutes(60), end: .minutes(240))
      ]
    }
    fixture.policy = foresight(fixture)
    let (_, totals, log) = try run(fixture)
    // Forecasts go on (here they need no telemetry), so the spike is still answered.
    #expect(totals.degradedVmSeconds == 0)
    #expect(log.count { $0.kind == .alert && $0.detail.hasPrefix("telemetryMissing") } == 1)
  }

  @Test("a model that answers nonsense is replaced by a hold-off")
  func brokenModel() throws {
    struct Broken: OverloadRiskModel {
      let seriesCount = 1
      mutating func observe(_ values: [Double]) {}
      mutating func probabilities() -> (next: [Double], withinHour: [Double]) { ([.nan], [.nan]) }
    }
    var fixture = spike()
    let truth = PerfectForesight(truth: fixture.vms[0].load, capacities: [1], stepsPerHour: 12)
    fixture.policy = { inventory in
      var source = DefaultParameters()
      return PVMS(
        parameters: PVMSParameters(from: &source), inventory: inventory, forecaster: truth,
        risk: Broken())
    }
    let (_, totals, log) = try run(fixture)
    // As the reactive policy would do: late, but served, and given up again.
    #expect(totals.degradedVmSeconds > 0)
    #expect(totals.degradedVmSeconds < 600)
    #expect(
      log.count { $0.kind == .shadowTerminated } == log.count { $0.kind == .shadowOrdered })
  }

  @Test(
    "agents whose clocks are wrong do not confuse it: the spike is served",
    arguments: [-7200, -120, -20, 20, 120, 7200])
  func clockSkew(seconds: Int) throws {
    for isForecast in [true, false] {
      var fixture = spike()
      fixture.adjust = { spec in
        spec.migration.bandwidth = BytesPerSecond(1.25e9)
        spec.faults.listed = [
          Fault(target: .clockSkew(.seconds(seconds)), start: .minutes(60), end: .hours(5))
        ]
      }
      fixture.policy =
        isForecast ? foresight(fixture) : foresight(fixture) { $0.activeRisk = 0.9999 }
      let (plant, totals, log) = try run(fixture)
      #expect(totals.degradedVmSeconds == 0)
      #expect(plant.shadowBooks.useful == 1)
      #expect(log.count { $0.kind == .shadowTerminated } == 1)
    }
  }

  @Test("intervals are learned once each, whatever the agents' clocks say", arguments: [-600, 600])
  func skewedLearning(seconds: Int) throws {
    struct Counter: Forecaster {
      let modelNames = ["counter"]
      let seriesCount = 1
      var steps = 0
      mutating func observe(_ values: [Double]) { steps += 1 }
      mutating func forecast(into batch: inout ForecastBatch) {
        for index in batch.mean.indices { batch.mean[index] = Double(steps) }
        for index in batch.quantiles.indices { batch.quantiles[index] = 0 }
      }
    }
    var fixture = spike()
    fixture.adjust = { spec in
      spec.faults.listed = [
        Fault(target: .clockSkew(.seconds(seconds)), start: .minutes(60), end: .hours(5))
      ]
    }
    fixture.policy = { inventory in
      var source = DefaultParameters()
      return PVMS(
        parameters: PVMSParameters(from: &source), inventory: inventory, forecaster: Counter())
    }
    var simulator = try fixture.simulator()
    simulator.run(until: fixture.duration)
    let records = simulator.model.takeForecasts().filter { $0.horizon == 1 }
    #expect(records.map(\.targetStart) == (0...60).map { .minutes(5 * $0) })
    #expect(records.map { $0.meanCores[0] } == (0...60).map(Double.init))
  }
}
