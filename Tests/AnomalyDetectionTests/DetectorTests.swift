// SPDX-License-Identifier: Apache-2.0
import AnomalyDetection
import Foundation
import SimulationKernel
import Testing
import Units

let fiveMinutes = SimTime.minutes(5)
let fortnight = 4032

/// Stationary noise around 40 with deviation 3 and correlation 0.8 from sample to sample.
func noise(seed: UInt64, count: Int = fortnight) -> [Double] {
  var stream = RandomStream(seed: seed, purpose: "anomaly tests")
  var state = 0.0
  return (0..<count).map { _ in
    state = 0.8 * state + 0.6 * stream.normal()
    return 40 + 3 * state
  }
}

/// A day of 20 % with eight hours at 80 %, and noise of 1 %.
func officeHours(seed: UInt64, count: Int = fortnight) -> [Double] {
  var stream = RandomStream(seed: seed, purpose: "anomaly tests")
  return (0..<count).map { ((96..<192).contains($0 % 288) ? 80 : 20) + stream.normal() }
}

func scores(
  _ values: [Double], _ spec: AnomalyDetectorSpec = AnomalyDetectorSpec()
) -> [AnomalyScore] {
  var detector = AnomalyDetector(spec: spec, interval: fiveMinutes)
  return values.enumerated().map { detector.observe($1, at: fiveMinutes * $0) }
}

/// Alarms at `start` or up to `within` samples later.
func isFound(_ scores: [AnomalyScore], at start: Int, within samples: Int) -> Bool {
  scores[start...min(scores.count - 1, start + samples)].contains { $0.isAlarm }
}

@Suite("Anomaly detector: what is found and why")
struct DetectorTests {
  @Test(
    "A spike far beyond the noise alarms at once, and the level is the reason", arguments: 1...5)
  func spike(seed: UInt64) throws {
    var values = noise(seed: seed)
    values[3000] = 87
    let score = scores(values)[3000]
    #expect(score.isAlarm)
    let text = try #require(score.reason).text { "\(Int($0.rounded())) %" }
    #expect(text.hasPrefix("level 87 % never seen in 10 days; nearest seen "), "\(text)")
  }

  @Test("A level shift of five deviations is found within half an hour", arguments: 1...5)
  func levelShift(seed: UInt64) {
    var values = noise(seed: seed)
    for index in 2500..<2900 { values[index] += 15 }
    #expect(isFound(scores(values), at: 2500, within: 6))
  }

  @Test(
    "A rise in half the capacity that never comes is found from the time of day", arguments: 1...5)
  func missingDay(seed: UInt64) throws {
    var values = officeHours(seed: seed)
    let start = 10 * 288 + 96
    for index in start..<start + 96 { values[index] -= 60 }
    let found = scores(values)[start...start + 2].first { $0.isAlarm }
    #expect(try #require(found).reason?.kind == "season")
  }

  @Test("A load that swings as never before within its usual range is found", arguments: 1...5)
  func strangeShape(seed: UInt64) {
    var values = officeHours(seed: seed)
    // In the working hours of one day it is on and off by turns, every 15 minutes.
    let start = 10 * 288 + 120
    for index in start..<start + 48 where (index - start) / 3 % 2 == 0 { values[index] -= 60 }
    #expect(isFound(scores(values), at: start, within: 12))
  }

  /// A fortnight of pure noise: with the records that any noise sets, at most four alarms (measured: 3.3).
  @Test("Noise alone alarms rarely")
  func falseAlarms() {
    let seeds: ClosedRange<UInt64> = 1...10
    let alarms = seeds.map { scores(noise(seed: $0)).count { $0.isAlarm } }
    #expect(alarms.reduce(0, +) <= 4 * alarms.count, "\(alarms)")
    let regular = seeds.map { scores(officeHours(seed: $0)).count { $0.isAlarm } }
    #expect(regular.reduce(0, +) <= regular.count, "\(regular)")
  }

  @Test("One long disturbance alarms once, not at every sample")
  func refractory() {
    var values = noise(seed: 7)
    for index in 2500..<2600 { values[index] += 60 }
    let alarms = scores(values)[2500..<2600].count { $0.isAlarm }
    #expect((1...3).contains(alarms), "\(alarms)")
  }

  @Test("What was seen before is not new again")
  func repetition() {
    var values = noise(seed: 8)
    for start in [1500, 3000] { values[start] = 90 }
    let found = scores(values)
    #expect(found[1500].isAlarm && !found[3000].isAlarm)
  }

  @Test("Reasons are said in words")
  func words() {
    let format = { (value: Double) in "\(Int(value)) %" }
    let day = SimTime.days(14)
    let expected: [(AnomalyReason, String)] = [
      (
        .level(value: 87, nearest: 52, history: day),
        "level 87 % never seen in 14 days; nearest seen 52 %"
      ),
      (
        .forecast(value: 87, mean: 40, bound: 52, runLength: 3),
        "above the 99 % forecast bound for 3 samples: 87 %, forecast 40 %, bound 52 %"
      ),
      (
        .forecast(value: 7, mean: 40, bound: 32, runLength: 1),
        "below the 99 % forecast bound for 1 sample: 7 %, forecast 40 %, bound 32 %"
      ),
      (
        .season(deviation: -30, days: 7),
        "30 % below the last 7 days at this time of day, as never before"
      ),
      (
        .mean(value: 70, nearest: 50, window: .hours(1), history: .hours(30)),
        "mean 70 % of the last 1 h never seen in 30 h; nearest seen 50 %"
      ),
      (
        .shape(distance: 30, farthest: 12, window: .minutes(90), history: day),
        "shape of the last 90 min unlike anything seen in 14 days: 30 % from the most similar, "
          + "12 % at most so far"
      ),
    ]
    for (reason, text) in expected { #expect(reason.text(format) == text) }
  }
}

@Suite("Anomaly detector: properties")
struct DetectorPropertyTests {
  @Test("A score depends on the past only", arguments: 1...3)
  func causality(seed: UInt64) {
    var values = noise(seed: seed)
    let whole = scores(values)
    for index in 2001..<values.count { values[index] = index % 3 == 0 ? .nan : -values[index] }
    #expect(scores(values)[...2000] == whole[...2000])
    #expect(scores(Array(values[...2000])) == Array(whole[...2000]))
  }

  @Test("A copy and a decoded copy go on exactly as the original does", arguments: 1...3)
  func restoring(seed: UInt64) throws {
    let values = noise(seed: seed)
    var original = AnomalyDetector(interval: fiveMinutes)
    for index in 0..<2000 { _ = original.observe(values[index], at: fiveMinutes * index) }
    var copy = original
    var decoded = try JSONDecoder().decode(
      AnomalyDetector.self, from: JSONEncoder().encode(original))
    #expect(decoded == original)
    for index in 2000..<values.count {
      let score = original.observe(values[index], at: fiveMinutes * index)
      #expect(copy.observe(values[index], at: fiveMinutes * index) == score)
      #expect(decoded.observe(values[index], at: fiveMinutes * index) == score)
    }
  }

  /// Scaling by powers of two and shifting by nothing is exact in binary, so equality is too,
  /// apart from shapes and days, which are kept in single precision: also exact for powers of two.
  @Test("The unit of a metric does not matter", arguments: [0.0078125, 1024])
  func scaleFree(factor: Double) {
    let values = noise(seed: 4)
    let scaled = scores(values.map { $0 * factor })
    #expect(scaled.map(\.score) == scores(values).map(\.score))
  }

  @Test("Memory does not grow with history")
  func boundedMemory() throws {
    var detector = AnomalyDetector(interval: fiveMinutes)
    var sizes: [Int] = []
    for (index, value) in noise(seed: 5, count: 5 * fortnight).enumerated() {
      _ = detector.observe(value, at: fiveMinutes * index)
      if index % fortnight == fortnight - 1 {
        sizes.append(try JSONEncoder().encode(detector).count)
      }
    }
    // Encoded numbers vary in length by a few digits; the counts do not.
    #expect(Double(sizes[4]) < 1.1 * Double(sizes[1]), "\(sizes)")
  }

  /// Inputs that broke other detectors.
  static let hostile: [(name: String, values: [Double])] = [
    ("constant", [Double](repeating: 42, count: 700)),
    ("zeros", [Double](repeating: 0, count: 700)),
    ("one point", [7]),
    ("no point", []),
    ("only NaN", [Double](repeating: .nan, count: 700)),
    ("gaps", (0..<700).map { $0 % 7 < 3 ? .nan : Double($0 % 50) }),
    ("spikes of 1e12", (0..<1400).map { $0 % 97 == 0 ? 1e12 : Double($0 % 10) }),
    ("infinite", (0..<700).map { $0 % 31 == 0 ? .infinity : $0 % 37 == 0 ? -.infinity : 3 }),
    ("largest numbers", (0..<700).map { $0 % 5 == 0 ? .greatestFiniteMagnitude : -1 }),
    ("smallest numbers", (0..<700).map { Double($0 % 5) * .leastNonzeroMagnitude }),
    ("ever new", (0..<1400).map { Double($0) }),
    ("ever larger", (0..<1400).map { pow(1.1, Double($0)) }),
  ]

  @Test(
    "Whatever is observed, scores are from 0 to 1 and states are sound", arguments: hostile.indices)
  func hostileInput(index: Int) throws {
    let (name, values) = Self.hostile[index]
    for interval in [SimTime(nanoseconds: 1), fiveMinutes, .hours(13), .days(40)] {
      for window in [2, 12] {
        var spec = AnomalyDetectorSpec()
        spec.windowSamples = window
        spec.memorySize = 8
        var detector = AnomalyDetector(spec: spec, interval: interval)
        for (step, value) in values.enumerated() {
          let score = detector.observe(value, at: .minutes(5 * step - 1000))
          #expect((0...1).contains(score.score), "\(name)")
          // Every number of a reason can be shown.
          _ = score.reason?.text { "\(Int(min(max($0, -1e18), 1e18)))" }
        }
        // JSON has no NaN and no infinity: encoding proves that there is none in the state.
        _ = try JSONEncoder().encode(detector)
      }
    }
  }

  @Test("A constant, zeros and a single point are nothing new", arguments: 0...4)
  func nothingNew(index: Int) {
    #expect(scores(Self.hostile[index].values).allSatisfy { $0.score == 0 && !$0.isAlarm })
  }

  @Test("A metric that never moved alarms once when it does, and not for its echo")
  func firstMove() {
    var values = [Double](repeating: 5, count: fortnight)
    values[2000] = 6
    let found = scores(values)
    #expect(found.indices.filter { found[$0].isAlarm } == [2000])
  }

  @Test("A glitch of 1e12 does not blind the detector for good")
  func glitch() {
    var values = noise(seed: 6, count: 2 * fortnight)
    values[1000] = 1e12
    values[2 * fortnight - 500] = 90
    let found = scores(values)
    #expect(found[1000].isAlarm && found[2 * fortnight - 500].isAlarm)
  }

  @Test("A missing value scores 0 and is no alarm")
  func missing() {
    var values = noise(seed: 9)
    for index in 2000..<2050 { values[index] = .nan }
    #expect(scores(values)[2000..<2050].allSatisfy { $0 == AnomalyScore(score: 0, isAlarm: false) })
  }

  @Test("The detector is listed with its defaults as \"novelty\"")
  func catalogue() throws {
    let all: [Alternative<DefaultParameters, AnomalyDetectorSpec>] =
      AnomalyDetectorCatalog.alternatives()
    var source = DefaultParameters()
    let spec = try #require(all.first { $0.name == "novelty" }).read(&source)
    #expect(spec == AnomalyDetectorSpec())
  }
}
