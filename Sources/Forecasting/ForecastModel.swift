// SPDX-License-Identifier: Apache-2.0

/// A named way to make a forecaster from history: what the catalog lists and commands choose.
public struct ForecastModel: Sendable {
  /// The model's name in scenarios and on the command line.
  public var name: String
  /// Trains on the history and returns a forecaster that has lived through it.
  public var make: @Sendable (TrainingSeries, ForecastSettings) -> any Forecaster

  /// A model.
  public init(
    name: String,
    make: @escaping @Sendable (TrainingSeries, ForecastSettings) -> any Forecaster
  ) {
    self.name = name
    self.make = make
  }
}
