// SPDX-License-Identifier: Apache-2.0
import Foundation
import StateArchive

/// How much each expert counts in the average, per series and quantile level, for one horizon.
///
/// Weights are exponential in the recent pinball loss relative to the best expert's:
/// `w_k ∝ exp(−η·√n·(L_k − L_min)/L_min)`, L being losses discounted by `discount` per judgement
/// and n their effective number (at most ``mostJudgements``). Every level has its own weights,
/// because the expert with the best median need not have the best tail. A series is judged together
/// with its class: the class's losses, scaled to the series' own, stand in for ``classWeight``
/// judgements. Sources: exponentially weighted aggregation, Cesa-Bianchi & Lugosi 2006, ch. 2; per
/// quantile level, Berrisch & Ziel 2021 (doi:10.1016/j.jeconom.2021.11.008).
struct OnlineWeights: Sendable {
  /// η: how fast a worse expert loses its weight.
  static let learningRate = 2.0
  /// Steps after which a loss has faded to 1/e: two and a half days of five minutes, or seven
  /// horizons when that is more.
  static let memorySteps = 700
  /// Judgements that the class's experience is worth.
  static let classWeight = 20.0
  /// Judgements that count, at most, for the sharpness of the weights.
  static let mostJudgements = 200.0

  /// The share of a loss that still counts at the next judgement of a schedule.
  static func discount(_ schedule: JudgementSchedule) -> Double {
    exp(-Double(schedule.interval) / Double(max(memorySteps, 7 * schedule.horizon)))
  }

  let seriesCount: Int
  /// Experts × levels.
  let width: Int
  private let expertCount: Int
  private let classOf: [Int]
  private let discount: Double
  /// Discounted losses, `[series, expert, level]`, and their discounted number per series.
  private var losses: ContiguousArray<Float>
  private var counts: ContiguousArray<Float>
  /// Discounted mean losses of the series of a class, `[class][expert, level]`.
  private var classLosses: [[Double]]
  private var classCounts: [Double]
  /// Normalised weights, `[series, expert, level]`.
  private(set) var weights: ContiguousArray<Float>

  init(expertCount: Int, classOf: [Int], classCount: Int, discount: Double) {
    self.discount = discount
    self.expertCount = expertCount
    self.classOf = classOf
    seriesCount = classOf.count
    width = expertCount * ExpertTable.levels.count
    losses = ContiguousArray(repeating: 0, count: classOf.count * width)
    counts = ContiguousArray(repeating: 0, count: classOf.count)
    classLosses = [[Double]](repeating: [Double](repeating: 0, count: width), count: classCount)
    classCounts = [Double](repeating: 0, count: classCount)
    weights = ContiguousArray(
      repeating: 1 / Float(max(1, expertCount)), count: classOf.count * width)
  }

  /// Judges forecasts `[series, expert, level]` (NaN: the expert had none) by the values that came.
  mutating func judge(
    _ forecasts: UnsafeBufferPointer<Float>, values: UnsafeBufferPointer<Double>
  ) {
    var classSums = classLosses.map { _ in [Double](repeating: 0, count: width) }
    var judged = [Double](repeating: 0, count: classLosses.count)
    var judgedLosses = [Double](repeating: 0, count: width)
    for series in 0..<seriesCount where !values[series].isNaN {
      let row = series * width
      guard
        pinballLosses(forecasts, row: row, value: Float(values[series]), into: &judgedLosses)
      else { continue }
      for cell in 0..<width {
        losses[row + cell] = Float(discount) * losses[row + cell] + Float(judgedLosses[cell])
      }
      counts[series] = Float(discount) * counts[series] + 1
      judged[classOf[series]] += 1
      for cell in 0..<width { classSums[classOf[series]][cell] += judgedLosses[cell] }
    }
    for index in classLosses.indices where judged[index] > 0 {
      classCounts[index] = discount * classCounts[index] + 1
      for cell in 0..<width {
        classLosses[index][cell] =
          discount * classLosses[index][cell] + classSums[index][cell] / judged[index]
      }
    }
    for series in 0..<seriesCount { reweigh(series) }
  }

  /// Losses of one series; an expert without a forecast gets the weighted mean loss of the others,
  /// so that its silence neither helps nor harms it (sleeping experts, Freund et al. 1997,
  /// doi:10.1145/258533.258616). False when no expert had a forecast.
  private func pinballLosses(
    _ forecasts: UnsafeBufferPointer<Float>, row: Int, value: Float, into result: inout [Double]
  ) -> Bool {
    let levels = ExpertTable.levels.count
    for level in 0..<levels {
      let share = Float(ExpertTable.levels[level])
      var sum: Float = 0
      var total: Float = 0
      for cell in Swift.stride(from: level, to: width, by: levels) {
        let error = value - forecasts[row + cell]
        let loss = max(share * error, (share - 1) * error)
        result[cell] = Double(loss)
        guard !loss.isNaN else { continue }
        // A trace of weight for everyone: all who speak may have had none.
        sum += (weights[row + cell] + 1e-6) * loss
        total += weights[row + cell] + 1e-6
      }
      guard total > 0 else { return false }
      for cell in Swift.stride(from: level, to: width, by: levels) where result[cell].isNaN {
        result[cell] = Double(sum / total)
      }
    }
    return true
  }

  private mutating func reweigh(_ series: Int) {
    let levels = ExpertTable.levels.count
    let row = series * width
    let own = Double(counts[series])
    let group = classOf[series]
    let shared = classCounts[group]
    let effective = min(own + (shared > 0 ? Self.classWeight : 0), Self.mostJudgements)
    guard effective > 0 else { return }
    let sharpness = Self.learningRate * effective.squareRoot()
    for level in 0..<levels {
      var mean = 0.0
      var classMean = 0.0
      for cell in Swift.stride(from: level, to: width, by: levels) {
        mean += Double(losses[row + cell])
        classMean += classLosses[group][cell]
      }
      mean /= Double(expertCount)
      classMean /= Double(expertCount)
      // The class's relative losses in units of this series' mean loss of one judgement.
      let unit = own > 0 ? mean / own : 1
      let borrowing = classMean > 0 ? Self.classWeight * unit / classMean : 0
      var least = Double.infinity
      func total(_ cell: Int) -> Double {
        Double(losses[row + cell]) + borrowing * classLosses[group][cell]
      }
      for cell in Swift.stride(from: level, to: width, by: levels) {
        least = min(least, total(cell))
      }
      // A floor: with a perfect expert the others are not infinitely worse.
      let scale = least + 0.02 * (mean + Self.classWeight * unit) + 1e-9
      var sum = 0.0
      for cell in Swift.stride(from: level, to: width, by: levels) {
        let weight = exp(-sharpness * (total(cell) - least) / scale)
        weights[row + cell] = Float(weight)
        sum += weight
      }
      let inverse = Float(1 / sum)
      for cell in Swift.stride(from: level, to: width, by: levels) {
        weights[row + cell] *= inverse
      }
    }
  }

  /// The weighted average of the experts' quantiles of one series, level by level; NaN where no
  /// expert has a forecast.
  @inline(__always)
  func average(
    _ forecasts: UnsafePointer<Float>, series: Int, into result: UnsafeMutablePointer<Float>
  ) {
    let levels = ExpertTable.levels.count
    weights.withUnsafeBufferPointer { weights in
      let row = series * width
      for level in 0..<levels { result[level] = 0 }
      var cell = 0
      for _ in 0..<expertCount {
        for level in 0..<levels {
          result[level] += weights[row + cell + level] * forecasts[cell + level]
        }
        cell += levels
      }
      guard result[0].isNaN else { return }
      for level in 0..<levels {
        var sum: Float = 0
        var total: Float = 0
        for cell in Swift.stride(from: level, to: width, by: levels)
        where !forecasts[cell].isNaN {
          sum += weights[row + cell] * forecasts[cell]
          total += weights[row + cell]
        }
        result[level] = total > 1e-20 ? sum / total : .nan
      }
    }
  }
}

extension OnlineWeights: Archivable {
  mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&losses)
    try archive.state(&counts)
    try archive.state(&classLosses)
    try archive.state(&classCounts)
    try archive.state(&weights)
  }
}
