// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Forecasting
import PVMS
import Testing
import Units

@Suite("Overload read off a forecast")
struct OverloadProbabilityTests {
  private func batch(_ quantiles: [Double]) -> ForecastBatch {
    var batch = ForecastBatch(seriesCount: 1, horizons: [1], levels: PVMS.levels)
    batch.quantiles = quantiles
    return batch
  }

  /// Levels 5, 50, 80, 90, 95, 99 % at 1 … 6 cores.
  private var ladder: ForecastBatch { batch([1, 2, 3, 4, 5, 6]) }

  @Test(
    "straight lines between the quantiles",
    arguments: [(1.0, 0.95), (1.5, 0.725), (2, 0.5), (3, 0.2), (4.5, 0.075), (5.9, 0.014)])
  func between(capacity: Double, expected: Double) {
    let risk = overloadProbability(ladder, horizon: 0, series: 0, capacity: capacity)
    #expect(abs(risk - expected) < 1e-12)
  }

  @Test("falls with capacity everywhere, to nothing far above")
  func monotone() {
    let risks = stride(from: 0.0, through: 50, by: 0.25).map {
      overloadProbability(ladder, horizon: 0, series: 0, capacity: $0)
    }
    #expect(zip(risks, risks.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(risks.allSatisfy { (0...1).contains($0) })
    #expect((risks.last ?? 1) < 0.001)
  }

  @Test("a forecast without spread is certain")
  func certain() {
    let flat = batch([2, 2, 2, 2, 2, 2])
    #expect(overloadProbability(flat, horizon: 0, series: 0, capacity: 3) == 0)
    #expect(overloadProbability(flat, horizon: 0, series: 0, capacity: 1) > 0.95)
  }

  @Test("the load exceeded with some probability is the inverse")
  func inverse() {
    for risk in [0.02, 0.05, 0.1, 0.3, 0.5, 0.9] {
      let load = loadExceeded(withProbability: risk, ladder, horizon: 0, series: 0)
      let back = overloadProbability(ladder, horizon: 0, series: 0, capacity: load)
      #expect(abs(back - risk) < 1e-12)
    }
  }
}

@Suite("The nowcast")
struct LoadNowcastTests {
  private func frame(_ load: Double, at seconds: Int) -> TelemetryFrame {
    var frame = TelemetryFrame(takenAt: .seconds(seconds), vms: 1, hosts: 0, racks: 0)
    frame.offeredCores[0] = load
    return frame
  }

  @Test("a value reported on change holds to the end of the interval")
  func holds() {
    var nowcast = LoadNowcast(
      vmCount: 1, interval: .minutes(5), telemetryInterval: .seconds(15))
    nowcast.observe(frame(2, at: 10))
    #expect(nowcast.close() == [2])
    // Nothing is reported in the next interval: the value still holds.
    #expect(nowcast.close() == [2])
  }

  @Test("a change in the middle is weighed by time")
  func weighs() {
    var nowcast = LoadNowcast(
      vmCount: 1, interval: .minutes(5), telemetryInterval: .seconds(15))
    nowcast.observe(frame(1, at: 15))
    nowcast.observe(frame(3, at: 165))
    // 1 core for 150 s, 3 cores for the telemetry interval before 165 s and the 135 s after it.
    #expect(abs(nowcast.close()[0] - 2) < 1e-12)
  }

  @Test("missing values leave what was known; nothing known is nothing")
  func missing() {
    var nowcast = LoadNowcast(
      vmCount: 1, interval: .minutes(5), telemetryInterval: .seconds(15))
    nowcast.observe(frame(.nan, at: 15))
    #expect(nowcast.close()[0].isNaN)
    nowcast.observe(frame(1, at: 310))
    nowcast.observe(frame(.nan, at: 400))
    #expect(nowcast.close() == [1])
  }
}
