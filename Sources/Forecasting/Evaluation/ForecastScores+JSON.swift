// SPDX-License-Identifier: Apache-2.0

extension ForecastScores: Codable {
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  /// Scalars by their key in the protocol's reference results.
  private static var scalars: [(String, WritableKeyPath<ForecastScores, Double>)] {
    [
      ("MAE", \.meanAbsoluteError), ("RMSE", \.rootMeanSquareError),
      ("RMSE_series_mean", \.rootMeanSquareErrorSeriesMean), ("bias", \.bias),
      ("MASE", \.meanAbsoluteScaledError), ("MASE_median", \.meanAbsoluteScaledErrorMedian),
      ("cov90", \.interval90.coverage), ("width90", \.interval90.width), ("winkler90", \.winkler90),
      ("cov95", \.interval95.coverage), ("width95", \.interval95.width),
      ("over_prov_q95", \.overProvision95), ("under_prov_q95", \.underProvision95),
    ]
  }

  /// Writes the scores; undefined numbers become null, because JSON has no NaN.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    func write(_ value: Double, _ key: String) throws {
      try container.encode(value.isFinite ? value : nil, forKey: Key(key))
    }
    try container.encode(model, forKey: Key("model"))
    try container.encode(horizon, forKey: Key("horizon"))
    try container.encode(seriesCount, forKey: Key("n_series"))
    try container.encode(forecastCount, forKey: Key("n_forecasts"))
    for (key, path) in Self.scalars { try write(self[keyPath: path], key) }
    for (level, loss) in zip(Self.pinballLevels, pinball) { try write(loss, "pinball\(level)") }
    try write(pinballSum, "pinball_sum")
    for (level, share) in zip(Self.belowLevels, below) { try write(share, "below_q\(level)") }
    for alarm in alarms {
      try container.encode(alarm, forKey: Key("\(alarm.event)_q\(alarm.level)"))
    }
  }

  /// Reads what ``encode(to:)`` wrote.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    func read(_ key: String) throws -> Double {
      try container.decodeIfPresent(Double.self, forKey: Key(key)) ?? .nan
    }
    model = try container.decode(String.self, forKey: Key("model"))
    horizon = try container.decode(Int.self, forKey: Key("horizon"))
    seriesCount = try container.decode(Int.self, forKey: Key("n_series"))
    forecastCount = try container.decode(Int.self, forKey: Key("n_forecasts"))
    for (key, path) in Self.scalars { self[keyPath: path] = try read(key) }
    guard forecastCount > 0 else { return }
    pinball = try Self.pinballLevels.map { try read("pinball\($0)") }
    below = try Self.belowLevels.map { try read("below_q\($0)") }
    for level in Self.pinballLevels {
      for event in ["spike80", "onset80", "spikeP95", "onsetP95"] {
        alarms.append(try container.decode(AlarmScore.self, forKey: Key("\(event)_q\(level)")))
      }
    }
  }
}
