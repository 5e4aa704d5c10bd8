// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// Additive Holt-Winters smoothing: a level, a trend (damped or not) and a season.
///
/// In error-correction form, with e = y − ŷ and season length m (ETS(A, A or Ad, A); Hyndman,
/// Koehler, Ord & Snyder 2008, doi:10.1007/978-3-540-71918-2, table 2.1):
/// ```
/// ŷ(t+h) = l + (φ + φ² + … + φʰ)·b + s(t + h − m·⌈h/m⌉)
/// l ← l + φ·b + α·e,   b ← φ·b + β·e,   s(t) ← s(t−m) + γ·e
/// ```
/// α, β, γ and φ (1 unless damped) are those of ``HoltWinters/candidates(season:isDamped:)`` with the
/// least squared one-step error on the training part, one set a series. The first two seasons start
/// the state: mean of the second, difference of the means per step, mean deviations by phase. Until
/// they are over, simple exponential smoothing stands in (`ses`). A missing value moves the state as if it had been
/// forecast exactly.
public struct HoltWinters: PointForecaster {
  /// Smoothing of one series.
  public struct Parameters: Sendable, Equatable {
    /// Speed of the level, in (0, 1].
    public var alpha: Double
    /// Speed of the trend, in 0 … α.
    public var beta: Double
    /// Speed of the season, in 0 … 1 − α.
    public var gamma: Double
    /// Damping of the trend, in (0, 1]; 1 is none.
    public var phi: Double

    /// Parameters.
    public init(alpha: Double, beta: Double, gamma: Double, phi: Double) {
      self.alpha = alpha
      self.beta = beta
      self.gamma = gamma
      self.phi = phi
    }
  }

  /// α of the stand-in.
  static let standInSmoothing = 0.3

  /// The model's name and that of its stand-in.
  public let modelNames: [String]
  /// Number of series followed.
  public let seriesCount: Int
  /// Season length in steps; 1 for no season (Holt's linear trend).
  public let season: Int
  /// The parameters of every series.
  public private(set) var parameters: [Parameters]
  private var levels: ContiguousArray<Double>
  private var trends: ContiguousArray<Double>
  /// Seasonal terms `[phase, series]`; before two seasons are over the sum of the values so far.
  private var seasonal: ContiguousArray<Double>
  /// Known values of the first two seasons: `[first or second season, series]` sums and counts, and
  /// the count of each phase.
  private var startSums: ContiguousArray<Double>
  private var startCounts: ContiguousArray<Double>
  private var phaseCounts: ContiguousArray<UInt8>
  /// Steps since the first value of each series.
  private var ages: ContiguousArray<Int32>
  private var standIn: ContiguousArray<Double>
  private var step = 0

  /// A model with given parameters that has seen nothing.
  ///
  /// - Precondition: `season ≥ 1`.
  public init(parameters: [Parameters], season: Int, isDamped: Bool = false) {
    precondition(season >= 1, "a season of \(season) steps")
    self.parameters = parameters
    self.season = season
    seriesCount = parameters.count
    modelNames = [isDamped ? "holt-winters-damped" : "holt-winters", "ses"]
    levels = ContiguousArray(repeating: 0, count: seriesCount)
    trends = levels
    seasonal = ContiguousArray(repeating: 0, count: season * seriesCount)
    startSums = ContiguousArray(repeating: 0, count: 2 * seriesCount)
    startCounts = startSums
    phaseCounts = ContiguousArray(repeating: 0, count: season * seriesCount)
    ages = ContiguousArray(repeating: 0, count: seriesCount)
    standIn = ContiguousArray(repeating: .nan, count: seriesCount)
  }

  /// A model whose parameters are fitted to `history`; the state is that before its first value.
  public init(fitting history: TrainingSeries, season: Int, isDamped: Bool = false) {
    let candidates = Self.candidates(season: season, isDamped: isDamped)
    let fitted = (0..<history.seriesCount).map { series in
      Self.best(of: candidates, for: Array(history.series(series)), season: season)
    }
    self.init(parameters: fitted, season: season, isDamped: isDamped)
  }

  /// The parameters that are tried, slow ones first (of equally good ones the first is taken).
  public static func candidates(season: Int, isDamped: Bool) -> [Parameters] {
    var all: [Parameters] = []
    for alpha in [0.05, 0.02, 0.1, 0.2, 0.4, 0.6, 0.8] {
      for beta in [0, 0.001, 0.01, 0.1] where beta <= alpha {
        for gamma in season > 1 ? [0.05, 0, 0.15, 0.3] : [0] where gamma <= 1 - alpha {
          for phi in isDamped ? [0.98, 0.9, 0.8] : [1] {
            all.append(Parameters(alpha: alpha, beta: beta, gamma: gamma, phi: phi))
          }
        }
      }
    }
    return all
  }

  /// The candidate with the least squared one-step error after the first two seasons.
  private static func best(
    of candidates: [Parameters], for values: [Double], season: Int
  ) -> Parameters {
    guard values.count > 2 * season else { return candidates[0] }
    let checked = values.map(ForecastSettings.sane)
    // All candidates side by side, as series of one model.
    var model = HoltWinters(parameters: candidates, season: season)
    var errors = [Double](repeating: 0, count: candidates.count)
    var predictions = errors
    for value in checked {
      if !value.isNaN, model.modelIndex(series: 0) == 0 {
        predictions.withUnsafeMutableBufferPointer {
          model.predict(horizon: 1, fitted: 0, into: $0)
        }
        for index in errors.indices {
          let error = value - predictions[index]
          errors[index] += error * error
        }
      }
      let row = [Double](repeating: value, count: candidates.count)
      row.withUnsafeBufferPointer { model.observe($0) }
    }
    var least = 0
    for index in errors.indices where errors[index] < errors[least] { least = index }
    return candidates[least]
  }

  /// Starts or moves the states.
  public mutating func observe(_ values: UnsafeBufferPointer<Double>) {
    let row = step % season * seriesCount
    for series in 0..<seriesCount {
      let value = values[series]
      guard !value.isNaN || ages[series] > 0 else { continue }
      if Int(ages[series]) < 2 * season {
        start(series, row: row, value: value)
      } else {
        move(series, row: row, value: value)
      }
    }
    step += 1
  }

  private mutating func move(_ series: Int, row: Int, value: Double) {
    let speeds = parameters[series]
    let forecast = levels[series] + speeds.phi * trends[series]
    let error = value.isNaN ? 0 : value - forecast - seasonal[row + series]
    levels[series] = forecast + speeds.alpha * error
    trends[series] = speeds.phi * trends[series] + speeds.beta * error
    seasonal[row + series] += speeds.gamma * error
  }

  /// Collects the first two seasons, and sets the state when they are complete.
  private mutating func start(_ series: Int, row: Int, value: Double) {
    let half = Int(ages[series]) / season
    ages[series] += 1
    if !value.isNaN {
      startSums[half * seriesCount + series] += value
      startCounts[half * seriesCount + series] += 1
      seasonal[row + series] += value
      phaseCounts[row + series] += 1
      standIn[series] =
        standIn[series].isNaN
        ? value : standIn[series] + Self.standInSmoothing * (value - standIn[series])
    }
    guard Int(ages[series]) == 2 * season else { return }
    let known = [series, seriesCount + series].map { cell in
      startCounts[cell] > 0 ? startSums[cell] / startCounts[cell] : standIn[series]
    }
    let trend = (known[1] - known[0]) / Double(season)
    // The mean of the second season lies in its middle.
    levels[series] = known[1] + trend * Double(season - 1) / 2
    trends[series] = trend
    let middle = (known[0] + known[1]) / 2
    let first = step + 1 - 2 * season
    for phase in 0..<season {
      let cell = phase * seriesCount + series
      // Phase of the season counted from the series' own start, for taking the trend out.
      let place = Double((phase - first % season + season) % season) - Double(season - 1) / 2
      seasonal[cell] =
        phaseCounts[cell] > 0
        ? seasonal[cell] / Double(phaseCounts[cell]) - middle - trend * place : 0
    }
  }

  /// Level, damped trend and season.
  public func predict(
    horizon: Int, fitted: Int, into predictions: UnsafeMutableBufferPointer<Double>
  ) {
    let row = (step + horizon - 1) % season * seriesCount
    for series in 0..<seriesCount {
      if modelIndex(series: series) == 0 {
        let phi = parameters[series].phi
        let steps =
          phi < 1 ? phi * (1 - power(phi, horizon)) / (1 - phi) : Double(horizon)
        predictions[series] = levels[series] + steps * trends[series] + seasonal[row + series]
      } else {
        predictions[series] = standIn[series].isNaN ? 0 : standIn[series]
      }
    }
  }

  /// By squaring.
  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, left) = (1.0, base, exponent)
    while left > 0 {
      if left % 2 == 1 { result *= square }
      square *= square
      left /= 2
    }
    return result
  }

  /// 0 once two seasons are seen, 1 (exponential smoothing) before.
  @inline(__always)
  public func modelIndex(series: Int) -> Int { Int(ages[series]) >= 2 * season ? 0 : 1 }
}

extension HoltWinters {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&levels)
    try archive.state(&trends)
    try archive.state(&seasonal)
    try archive.state(&startSums)
    try archive.state(&startCounts)
    try archive.state(&phaseCounts)
    try archive.state(&ages)
    try archive.state(&standIn)
    try archive.state(&step)
  }
}
