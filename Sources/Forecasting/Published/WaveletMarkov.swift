// SPDX-License-Identifier: Apache-2.0
import Numerics
public import StateArchive
public import Units

/// AGILE's demand prediction: the series is taken apart by wavelets, every scale is predicted by
/// itself, and the predictions are put together again.
///
/// Nguyen, Shen, Gu, Subbiah & Wilkes: AGILE: elastic distributed resource scaling for
/// Infrastructure-as-a-Service, ICAC 2013. Of the last n = 2^J values the Haar transform gives the
/// approximation at scale L and the details of the scales L … 1. Each is a series of coefficients
/// with its own step of 2^j samples, which a Markov chain (``BinnedMarkovChain``) carries on, slow
/// scales by one coefficient, fast ones by up to 2^(L−1). The inverse transform of what was predicted
/// is the load of the next 2^L samples: the look-ahead window. Blocks end with the newest sample, so
/// they move along with it.
public struct WaveletMarkov: PointForecaster {
  /// What carries the coefficients of a scale on.
  public enum ScalePredictor: String, Sendable, CaseIterable {
    /// A Markov chain over bins of their range (``BinnedMarkovChain``).
    case markov
    /// An ``Autoregression``.
    case autoregression
  }

  /// What it is tuned by.
  public struct Parameters: Sendable, Hashable {
    /// Samples that are looked at; the next lower power of two is used.
    public var window: Int
    /// Scales L of details; 2^L samples are predicted.
    public var scales: Int
    /// What carries the coefficients of a scale on.
    public var predictor: ScalePredictor
    /// Bins of each scale's Markov chain.
    public var bins: Int
    /// Coefficients of each scale's autoregression.
    public var order: Int

    /// Reads the parameters.
    public init(from source: inout some ParameterSource) {
      window = source.integer(
        "window", default: 1024, in: 4...16_384,
        about: "Samples that are taken apart (rounded down to a power of two).")
      scales = source.integer(
        "scales", default: 2, in: 1...8,
        about: "Scales of details; two to this power is the look-ahead in samples.")
      let name = source.choice(
        "predictor", default: ScalePredictor.autoregression.rawValue,
        of: ScalePredictor.allCases.map(\.rawValue),
        about: "What carries the coefficients of each scale on.")
      predictor = ScalePredictor(rawValue: name) ?? .autoregression
      bins = source.integer(
        "bins", default: 40, in: 2...200, about: "Bins of the Markov chain of each scale.")
      order = source.integer(
        "order", default: 12, in: 1...64, about: "Coefficients of the autoregression of each scale."
      )
    }
  }

  /// The model, and what stands in for it while there are fewer values than two look-ahead windows.
  public var modelNames: [String] { ["agile-wavelet", "naive"] }
  /// Number of series followed.
  public var seriesCount: Int { past.seriesCount }
  /// Samples ahead that are predicted one by one; what is asked for beyond is their mean.
  public var lookAhead: Int { 1 << scales }
  private let scales: Int
  private var past: SeriesWindow
  private let parameters: Parameters
  private var chain: BinnedMarkovChain
  /// `[series, step]`.
  private var future: [Double]
  private var scratch: [Double]
  private var block: [Double]

  /// A model that has seen nothing.
  public init(parameters: Parameters, seriesCount: Int) {
    self.parameters = parameters
    scales = parameters.scales
    let length = max(Self.powerOfTwo(notAbove: parameters.window), 2 << scales)
    past = SeriesWindow(seriesCount: seriesCount, length: length)
    chain = BinnedMarkovChain(binCount: parameters.bins)
    future = [Double](repeating: 0, count: seriesCount << scales)
    scratch = [Double](repeating: 0, count: length)
    block = [Double](repeating: 0, count: 1 << scales)
  }

  private static func powerOfTwo(notAbove limit: Int) -> Int {
    1 << (Int.bitWidth - 1 - max(1, limit).leadingZeroBitCount)
  }

  /// Takes the next value of every series, and predicts its look-ahead window.
  public mutating func observe(_ values: UnsafeBufferPointer<Double>) {
    past.append(values)
    let transform = HaarTransform(maximumLength: past.length)
    for series in 0..<seriesCount {
      if let transform, modelIndex(series: series) == 0 {
        predict(series, transform)
      } else {
        for step in block.indices { block[step] = past.last(series) }
      }
      let start = series << scales
      for step in block.indices { future[start + step] = block[step] }
    }
  }

  /// Fills `block` with the values to come.
  private mutating func predict(_ series: Int, _ transform: HaarTransform) {
    let count = Self.powerOfTwo(notAbove: past.count(series))
    past.copy(series, newest: count, into: &scratch)
    transform.forward(&scratch, count: count)
    for scale in 1...scales {
      // Scale j: the last n >> j coefficients of the upper half of n >> (j − 1).
      let last = scale - 1
      carryOn(
        count >> scale..<count >> last, into: block.count >> scale..<block.count >> last)
    }
    // What is left is the transform of the approximation: back to its coefficients.
    let blocks = count >> scales
    transform.inverse(&scratch, count: blocks)
    carryOn(0..<blocks, into: 0..<1)
    transform.inverse(&block, count: block.count)
  }

  /// Predicts those coefficients of a scale that its place in the look-ahead window's transform has
  /// room for.
  private mutating func carryOn(_ coefficients: Range<Int>, into place: Range<Int>) {
    let past = scratch[coefficients]
    block.withUnsafeMutableBufferPointer { block in
      let future = UnsafeMutableBufferPointer(rebasing: block[place])
      switch parameters.predictor {
      case .markov:
        chain.fit(past)
        chain.predict(into: future)
      case .autoregression:
        Autoregression(fitting: past, order: parameters.order).predict(after: past, into: future)
      }
    }
  }

  /// The value `horizon` steps ahead; beyond the look-ahead window its mean.
  public func predict(
    horizon: Int, fitted: Int, into predictions: UnsafeMutableBufferPointer<Double>
  ) {
    for series in 0..<seriesCount {
      let window = future[series << scales..<(series + 1) << scales]
      predictions[series] =
        horizon <= lookAhead
        ? window[window.startIndex + horizon - 1]
        : window.reduce(0, +) / Double(lookAhead)
    }
  }

  /// 0 for the model, 1 for the last value.
  public func modelIndex(series: Int) -> Int { past.count(series) >= 2 * lookAhead ? 0 : 1 }
}

extension WaveletMarkov {
  /// Exchanges what was observed.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&past)
    try archive.state(&chain)
    try archive.state(&future)
  }
}
