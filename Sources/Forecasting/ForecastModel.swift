// SPDX-License-Identifier: Apache-2.0
public import Units

/// A named way to make a forecaster from history: what the catalogue lists, scenarios name and
/// commands choose.
public struct ForecastModel: Sendable {
  /// The model's name in scenarios and on the command line.
  public var name: String
  /// Trains on the history and returns a forecaster that has lived through it.
  ///
  /// It never fails: what can't be trained is answered by a simpler model (``StandInForecaster``).
  public var make: @Sendable (TrainingSeries, ForecastSettings) -> any Forecaster
  /// Whether parameters are shared, so that other series than the one of interest help.
  public var learnsAcrossSeries: Bool

  /// A model.
  public init(
    name: String, learnsAcrossSeries: Bool = false,
    make: @escaping @Sendable (TrainingSeries, ForecastSettings) -> any Forecaster
  ) {
    self.name = name
    self.learnsAcrossSeries = learnsAcrossSeries
    self.make = make
  }
}

extension ForecastModel {
  /// Every model that scenarios and commands can name, with what it reads from its section.
  ///
  /// A new model is one new file, which adds its reading function to ``ForecastModel``, and one line
  /// here.
  public static func alternatives<Source: ParameterSource>()
    -> [Alternative<Source, ForecastModel>]
  {
    [
      Alternative(
        "default",
        about: "Smoothing, analogs and trees, averaged by recent success and calibrated."
      ) { shippedDefault(&$0) },
      Alternative(
        "ensemble",
        about: "The default without calibration, with members of your choice."
      ) { chosenEnsemble(&$0) },
      Alternative("naive", about: "The last value, with quantiles of its past errors.") {
        naive(&$0)
      },
      Alternative("seasonal-naive", about: "The value one day (or other season) earlier.") {
        seasonalNaive(&$0)
      },
      Alternative("ses", about: "Simple exponential smoothing, one rate a series and horizon.") {
        smoothing(&$0)
      },
      Alternative("holt-winters", about: "Level, trend and season by exponential smoothing.") {
        holtWinters(&$0)
      },
      Alternative("profile", about: "The mean of earlier days (or weeks) at the same time.") {
        profile(&$0)
      },
      Alternative(
        "arima",
        about: "(Seasonal) ARIMA of a given order by exact maximum likelihood, one a series."
      ) { arima(&$0) },
      Alternative("ar", about: "Autoregression by exact maximum likelihood, one a series.") {
        autoregression(&$0)
      },
      Alternative("autoarima", about: "ARIMA of the order that AICc chooses, one a series.") {
        automaticArima(&$0)
      },
      Alternative("trees", about: "Boosted trees for quantiles, one model for all series.") {
        quantileTrees(&$0)
      },
      Alternative("lstm", about: "A recurrent network for quantiles, one for all series.") {
        recurrentNetwork(&$0)
      },
      Alternative(
        "press", about: "A pattern found by FFT, or else a Markov chain (PRESS, CNSM 2010)."
      ) { press(&$0) },
      Alternative(
        "agile", about: "Wavelets, each scale by a Markov chain (AGILE, ICAC 2013)."
      ) { agile(&$0) },
    ]
  }

  /// Names of all models in the order of the catalogue.
  public static var names: [String] {
    let all: [Alternative<DefaultParameters, ForecastModel>] = alternatives()
    return all.map(\.name)
  }

  /// The model called `name` with its default parameters.
  ///
  /// - Throws: ``UnknownModelError`` when there is none.
  public static func named(_ name: String) throws(UnknownModelError) -> ForecastModel {
    var source = DefaultParameters()
    let all: [Alternative<DefaultParameters, ForecastModel>] = alternatives()
    guard let found = all.first(where: { $0.name == name }) else {
      throw UnknownModelError(name: name)
    }
    return found.read(&source)
  }
}

/// A name that no model of the catalogue has.
public struct UnknownModelError: Error, Equatable, CustomStringConvertible {
  /// The name as it was given.
  public var name: String

  /// An error.
  public init(name: String) { self.name = name }

  /// What was asked for, what was probably meant, and what there is.
  public var description: String {
    let known = ForecastModel.names
    let hint = nearestName(to: name, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
    return "no forecast model \"\(name)\"\(hint) Known: \(known.joined(separator: ", "))"
  }
}
