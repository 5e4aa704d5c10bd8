// SPDX-License-Identifier: Apache-2.0
import Forecasting
import SimulationKernel
import Testing
import Units

/// Sums of a few hundred terms of size one.
private let roundingTolerance = 1e-12

@Suite("Alarm curves")
struct AlarmCurveTests {
  /// Scores with many ties, so that their handling matters.
  private func drawn(_ seed: Int) -> (scores: [Double], isEvent: [Bool]) {
    var random = RandomStream(seed: UInt64(seed), purpose: "test/alarms")
    let count = 1 + random.integer(below: 120)
    let kinds = 1 + random.integer(below: 20)
    let scores = (0..<count).map { _ in Double(random.integer(below: kinds)) / 10 }
    return (scores, scores.map { random.uniform() < 0.1 + $0 / 4 })
  }

  @Test("the area is the share of pairs in the right order", arguments: 0..<50)
  func areaCountsPairs(seed: Int) {
    let (scores, isEvent) = drawn(seed)
    let curve = AlarmCurve(scores: scores, isEvent: isEvent)
    var right = 0.0
    var pairs = 0.0
    for event in scores.indices where isEvent[event] {
      for other in scores.indices where !isEvent[other] {
        pairs += 1
        if scores[event] > scores[other] { right += 1 }
        if scores[event] == scores[other] { right += 0.5 }
      }
    }
    guard pairs > 0, let area = curve.area else {
      #expect(curve.area == nil && pairs == 0)
      return
    }
    #expect(abs(area - right / pairs) < roundingTolerance)
  }

  @Test("at a threshold the rates are those of counting", arguments: 0..<50)
  func ratesCount(seed: Int) {
    let (scores, isEvent) = drawn(seed)
    let curve = AlarmCurve(scores: scores, isEvent: isEvent)
    let events = isEvent.count { $0 }
    for threshold in Set(scores).sorted() {
      let alarms = scores.indices.filter { scores[$0] >= threshold }
      let found = alarms.count { isEvent[$0] }
      let rates = curve.rates(alarms: Double(alarms.count))
      #expect(
        abs(rates.truePositiveRate * Double(events) - Double(found)) < roundingTolerance * 1e3)
      #expect(
        abs(rates.falsePositiveRate * Double(scores.count - events) - Double(alarms.count - found))
          < roundingTolerance * 1e3)
      #expect(abs(rates.precision - Double(found) / Double(alarms.count)) < roundingTolerance)
    }
  }

  @Test("a tie is drawn by lot, and the order of the moments plays no part")
  func tiesAreStraight() {
    let curve = AlarmCurve(scores: [1, 1, 1, 1], isEvent: [true, false, false, false])
    #expect(curve.area == 0.5)
    let half = curve.rates(alarms: 2)
    #expect(half.truePositiveRate == 0.5 && half.falsePositiveRate == 0.5)
    #expect(curve == AlarmCurve(scores: [1, 1, 1, 1], isEvent: [false, false, true, false]))
  }

  @Test("nothing, or nothing but events, has no area")
  func degenerate() {
    for isEvent in [[], [true], [false]] {
      let curve = AlarmCurve(scores: isEvent.map { _ in 0.3 }, isEvent: isEvent)
      #expect(curve.area == nil)
      #expect(curve.sampled(pieces: 4).allSatisfy { $0.truePositiveRate.isFinite })
    }
  }

  @Test("sampled curves rise from nothing to everything", arguments: 0..<20)
  func sampledRises(seed: Int) {
    let (scores, isEvent) = drawn(seed)
    let points = AlarmCurve(scores: scores, isEvent: isEvent).sampled(pieces: 30)
    #expect(points.first?.alarms == 0 && points.last?.alarms == Double(scores.count))
    for (low, high) in zip(points, points.dropFirst()) {
      #expect(high.truePositiveRate >= low.truePositiveRate)
      #expect(high.falsePositiveRate >= low.falsePositiveRate)
    }
  }
}
