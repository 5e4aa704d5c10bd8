// SPDX-License-Identifier: Apache-2.0
import Foundation
import StateArchive

/// The scores of the past week, from which the offsets of far horizons are read.
///
/// What is forecast a day ahead is judged a day later: following the scores step by step is then
/// always a day behind, and the load of a Saturday is judged when it is Sunday. So the offset of a
/// level is its quantile among the scores of the last hours together with those of the target's
/// day one week before: `share(s ≤ b) = τ`, weights falling by half a day's memory and, for the
/// week before, uniform. Source: weighted conformal prediction under drift, Barber et al. 2023
/// (doi:10.1214/23-AOS2276).
struct ScoreWindow: Sendable {
  /// Weight of the day one week before, when all of it was judged, beside 1 for the last hours.
  static let weekShare = 0.5
  /// Series of a class that are kept, at most, evenly spread: their scores tell enough.
  static let mostSeries = 256
  /// Judgements before the offsets are believed.
  static let leastJudgements = 12
  /// A class of this many series is believed half.
  static let halfClass = 8.0
  /// The levels that are read here, as indices of the table. Not the median, which no interval
  /// needs, and not the last tail: a day's scores hold too few of it.
  static let levels = [0, 1, 2, 4, 5, 6, 7]
  private static let bisections = 30

  private let horizon: Int
  private let stepsPerDay: Int
  private let interval: Int
  /// Series kept, class by class, and each class's part.
  let kept: [Int]
  private let parts: [Range<Int>]
  private let seriesPerClass: [Int]
  private let capacity: Int
  /// Ring: the step of the judged value, and scores `[slot, level, kept]`; NaN: none.
  private var steps: [Int]
  private var judgements = 0
  private var scores: ContiguousArray<Float>

  /// A window for a schedule; nil when its horizon is so short that following is fast enough.
  init?(schedule: JudgementSchedule, stepsPerDay: Int, classOf: [Int], classCount: Int) {
    guard stepsPerDay >= 24, 2 * schedule.horizon >= stepsPerDay else { return nil }
    horizon = schedule.horizon
    self.stepsPerDay = stepsPerDay
    interval = schedule.interval
    var kept: [Int] = []
    var parts: [Range<Int>] = []
    var sizes: [Int] = []
    for group in 0..<classCount {
      let members = classOf.indices.filter { classOf[$0] == group }
      let count = min(members.count, Self.mostSeries)
      parts.append(kept.count..<kept.count + count)
      sizes.append(members.count)
      kept += (0..<count).map { members[$0 * members.count / count] }
    }
    (self.kept, self.parts, seriesPerClass) = (kept, parts, sizes)
    // Back from a target a horizon ahead to half a day before its time one week earlier.
    capacity = max(1, (7 * stepsPerDay + stepsPerDay / 2) / schedule.interval + 1)
    steps = [Int](repeating: 0, count: capacity)
    scores = ContiguousArray(
      repeating: .nan, count: capacity * Self.levels.count * kept.count)
  }

  /// The share of the window's offsets for a class; the rest is the tracker's.
  func belief(in group: Int) -> Double {
    guard judgements >= Self.leastJudgements else { return 0 }
    let size = Double(seriesPerClass[group])
    return size / (size + Self.halfClass)
  }

  /// Files the scores of the value of `step`; `score(series, level)` gives one, NaN if there is
  /// none. Those of the first half day, when a forecaster is young, are passed over.
  mutating func file(step: Int, _ score: (Int, Int) -> Double) {
    guard step - horizon >= stepsPerDay / 2 else { return }
    let slot = judgements % capacity
    for (position, level) in Self.levels.enumerated() {
      let row = (slot * Self.levels.count + position) * kept.count
      for (index, series) in kept.enumerated() {
        scores[row + index] = Float(score(series, level))
      }
    }
    steps[slot] = step
    judgements += 1
  }

  /// The offsets of a class for targets around `target`, one for each of ``levels``.
  func offsets(group: Int, target: Int) -> [Double] {
    let weights = weights(target: target)
    return Self.levels.indices.map { position in
      quantile(ExpertTable.levels[Self.levels[position]], position, parts[group], weights)
    }
  }

  /// The weight of each judgement that is kept, by slot.
  private func weights(target: Int) -> [Double] {
    let filled = 0..<min(judgements, capacity)
    let newest = filled.reduce(0) { max($0, steps[$1]) }
    let memory = Double(stepsPerDay) / 2
    var weights = filled.map { exp(-Double(newest - steps[$0]) / memory) }
    let weekShare =
      Self.weekShare * weights.reduce(0, +) * Double(interval) / Double(stepsPerDay)
    let weekBefore = target - 7 * stepsPerDay
    for slot in filled where 2 * abs(steps[slot] - weekBefore) <= stepsPerDay {
      weights[slot] += weekShare
    }
    return weights
  }

  /// The weighted quantile of a class's scores at one level, by bisection; 0 without scores.
  private func quantile(
    _ level: Double, _ position: Int, _ part: Range<Int>, _ weights: [Double]
  ) -> Double {
    var low = Float.infinity
    var high = -Float.infinity
    var total = 0.0
    for slot in weights.indices where weights[slot] > 0 {
      let row = (slot * Self.levels.count + position) * kept.count
      for index in part where !scores[row + index].isNaN {
        low = min(low, scores[row + index])
        high = max(high, scores[row + index])
        total += weights[slot]
      }
    }
    guard total > 0 else { return 0 }
    for _ in 0..<Self.bisections {
      let middle = low / 2 + high / 2
      if weightAtMost(middle, position, part, weights) >= level * total {
        high = middle
      } else {
        low = middle
      }
    }
    return Double(high)
  }

  private func weightAtMost(
    _ bound: Float, _ position: Int, _ part: Range<Int>, _ weights: [Double]
  ) -> Double {
    var sum = 0.0
    scores.withUnsafeBufferPointer { scores in
      for slot in weights.indices where weights[slot] > 0 {
        let row = (slot * Self.levels.count + position) * kept.count
        var count = 0
        for index in part { count += scores[row + index] <= bound ? 1 : 0 }
        sum += weights[slot] * Double(count)
      }
    }
    return sum
  }
}

extension ScoreWindow: Archivable {
  mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&steps)
    try archive.state(&judgements)
    try archive.state(&scores)
  }
}
