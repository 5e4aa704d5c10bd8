// SPDX-License-Identifier: Apache-2.0
public import StateArchive
public import Units

/// PRESS's demand prediction: a signature where the series repeats one, a Markov chain elsewhere.
///
/// Gong, Gu & Wilkes: PRESS: PRedictive Elastic ReSource Scaling for cloud systems, CNSM 2010. The
/// signature is looked for in regular intervals (``SignatureDetector``); in between, the one found
/// goes on being repeated, and the chain (``BinnedMarkovChain``) goes on counting. Its bins are laid
/// out anew at each of these times, too. Series take turns, so no step bears the work of all.
public struct SignatureMarkov: PointForecaster {
  /// What it is tuned by.
  public struct Parameters: Sendable, Hashable {
    /// How much of the past is looked at.
    public var window: SimTime
    /// Time between two searches for a signature.
    public var searchInterval: SimTime
    /// When windows are alike.
    public var detector: SignatureDetector
    /// Bins of the Markov chain.
    public var bins: Int

    /// Reads the parameters.
    public init(from source: inout some ParameterSource) {
      window = source.time(
        "window", default: .days(7), in: .minutes(1) ... .days(60),
        about: "How much of the past a pattern is looked for in.")
      searchInterval = source.time(
        "searchInterval", default: .hours(1), in: .seconds(1) ... .days(7),
        about: "Time between two searches for a pattern that repeats.")
      detector = SignatureDetector(
        similarity: source.fraction(
          "similarity", default: 0.85, in: 0...0.9999,
          about: "Correlation that all pairs of pattern windows must exceed."),
        meanTolerance: source.fraction(
          "meanTolerance", default: 0.05, in: 0...1,
          about: "Most that the means of two pattern windows may differ."))
      bins = source.integer(
        "bins", default: 40, in: 2...200,
        about: "Bins of the Markov chain that predicts what has no pattern.")
    }
  }

  /// The two ways of predicting.
  public var modelNames: [String] { ["press-signature", "press-markov"] }
  /// Number of series followed.
  public var seriesCount: Int { past.seriesCount }
  private let detector: SignatureDetector
  private let stepsBetweenSearches: Int
  private var past: SeriesWindow
  private var chains: [BinnedMarkovChain]
  /// One period of each series, empty where there is none.
  private var signatures: [[Double]]
  /// Steps since the signature was found.
  private var signatureAges: [Int]
  private var step = 0
  private var scratch: [Double]

  /// A model that has seen nothing, for steps of the length `interval`.
  public init(parameters: Parameters, seriesCount: Int, interval: SimTime) {
    let length = min(max(2, parameters.window / interval), Self.mostSamples)
    past = SeriesWindow(seriesCount: seriesCount, length: length)
    detector = parameters.detector
    stepsBetweenSearches = max(1, parameters.searchInterval / interval)
    chains = [BinnedMarkovChain](
      repeating: BinnedMarkovChain(binCount: parameters.bins), count: seriesCount)
    signatures = [[Double]](repeating: [], count: seriesCount)
    signatureAges = [Int](repeating: 0, count: seriesCount)
    scratch = [Double](repeating: 0, count: length)
  }

  /// Most samples that are kept of a series, whatever the window: bounds memory and work.
  public static let mostSamples = 20_160

  /// Takes the next value of every series, and looks for the signatures of those whose turn it is.
  public mutating func observe(_ values: UnsafeBufferPointer<Double>) {
    past.append(values)
    for series in 0..<seriesCount {
      if values[series].isNaN {
        chains[series].skip()
      } else {
        chains[series].observe(values[series])
      }
      signatureAges[series] += 1
      // While a series is young every value may change its range by much.
      let count = past.count(series)
      let isYoung = count > 1 && count <= stepsBetweenSearches && count & (count - 1) == 0
      if isYoung || (step + series) % stepsBetweenSearches == 0 { search(series) }
    }
    step += 1
  }

  private mutating func search(_ series: Int) {
    let count = past.count(series)
    past.copy(series, newest: count, into: &scratch)
    chains[series].fit(scratch[..<count])
    signatures[series] = detector.signature(of: scratch[..<count]) ?? []
    signatureAges[series] = 0
  }

  /// The signature's value, or the mean of the chain's distribution.
  public func predict(
    horizon: Int, fitted: Int, into predictions: UnsafeMutableBufferPointer<Double>
  ) {
    for series in 0..<seriesCount {
      let signature = signatures[series]
      predictions[series] =
        signature.isEmpty
        ? chains[series].prediction(after: horizon)
        : signature[(signatureAges[series] + horizon - 1) % signature.count]
    }
  }

  /// 0 where a signature is followed, 1 for the chain.
  public func modelIndex(series: Int) -> Int { signatures[series].isEmpty ? 1 : 0 }
}

extension SignatureMarkov {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&past)
    try archive.state(&chains)
    try archive.state(&signatures)
    try archive.state(&signatureAges)
    try archive.state(&step)
  }
}
