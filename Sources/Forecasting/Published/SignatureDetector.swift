// SPDX-License-Identifier: Apache-2.0
import Numerics

/// Finds a pattern that a series repeats, as PRESS does (Gong, Gu & Wilkes, CNSM 2010).
///
/// The dominant frequency of the spectrum gives the length of a window; the series is cut into such
/// windows, and if all pairs of them are alike (Pearson correlation and ratio of means), their
/// average is the signature.
///
/// A spectrum of n samples knows the length n/k of the dominant pattern only to within
/// n/(k+1) … n/(k−1); of these the length is taken at which the last two windows correlate best.
/// The publication leaves that open, and without it no pattern would be found whose length does
/// not divide n.
public struct SignatureDetector: Sendable, Hashable {
  /// Correlation that all pairs of windows must exceed.
  public var similarity: Double
  /// Most that the means of two windows may differ, as a share of the larger.
  public var meanTolerance: Double

  /// Of frequencies about as strong as the strongest the lowest is taken.
  static let similarPower = 0.81  // An amplitude of 0.9.
  /// Shortest window. Two points always correlate.
  static let shortestWindow = 3
  /// Most windows that are compared and averaged, newest first: bounds the work.
  static let mostWindows = 16

  /// A detector.
  public init(similarity: Double, meanTolerance: Double) {
    self.similarity = similarity
    self.meanTolerance = meanTolerance
  }

  /// The signature of a series, oldest value first.
  ///
  /// - Returns: One period, whose first value is expected right after the last of `values`; nil
  ///   where nothing repeats.
  public func signature(of values: ArraySlice<Double>) -> [Double]? {
    // The mixed-radix transform is slow for large primes only.
    let series = Array(values.dropFirst(values.count % 16))
    guard series.count >= 2 * Self.shortestWindow,
      let frequency = dominantFrequency(of: series),
      let length = windowLength(series, frequency: frequency)
    else { return nil }
    let count = min(series.count / length, Self.mostWindows)
    let windows = (1...count).map { series[(series.count - $0 * length)...].prefix(length) }
    for (index, window) in windows.enumerated() {
      for other in windows[..<index] where !isAlike(window, other) { return nil }
    }
    return (0..<length).map { position in
      windows.reduce(0) { $0 + $1[$1.startIndex + position] } / Double(count)
    }
  }

  /// The number of periods in the series, at least two; nil for a constant series.
  private func dominantFrequency(of series: [Double]) -> Int? {
    let mean = series.reduce(0, +) / Double(series.count)
    let power = powerSpectrum(series.map { $0 - mean })
    let frequencies = 2...max(2, series.count / Self.shortestWindow)
    guard power.count > frequencies.upperBound,
      let most = power[frequencies].max(), most > 0
    else { return nil }
    return frequencies.first { power[$0] >= Self.similarPower * most }
  }

  /// The length at which the last two windows are most alike; of equal ones the nearest to what the
  /// spectrum says.
  private func windowLength(_ series: [Double], frequency: Int) -> Int? {
    let nominal = Double(series.count) / Double(frequency)
    let lengths =
      max(
        Self.shortestWindow, series.count / (frequency + 1))...max(
        Self.shortestWindow, min(series.count / 2, series.count / (frequency - 1)))
    var best: (length: Int, correlation: Double)?
    for length in lengths.sorted(by: { abs(Double($0) - nominal) < abs(Double($1) - nominal) }) {
      let correlation = pearson(
        series.suffix(length), series[(series.count - 2 * length)...].prefix(length))
      if correlation > best?.correlation ?? -1 { best = (length, correlation) }
    }
    return best?.length
  }

  private func isAlike(_ first: ArraySlice<Double>, _ second: ArraySlice<Double>) -> Bool {
    let means = [first, second].map { $0.reduce(0, +) / Double($0.count) }
    let scale = max(abs(means[0]), abs(means[1]))
    return abs(means[0] - means[1]) <= meanTolerance * scale
      && pearson(first, second) > similarity
  }
}

/// Pearson's correlation of two equally long series; 1 for two constant ones, 0 if only one is.
///
/// - Precondition: Both have the same number of values, at least one.
public func pearson(_ first: ArraySlice<Double>, _ second: ArraySlice<Double>) -> Double {
  precondition(first.count == second.count && !first.isEmpty, "series of different lengths")
  let count = Double(first.count)
  let means = (first.reduce(0, +) / count, second.reduce(0, +) / count)
  var (squares, product) = ((0.0, 0.0), 0.0)
  for (x, y) in zip(first, second) {
    let (dx, dy) = (x - means.0, y - means.1)
    squares.0 += dx * dx
    squares.1 += dy * dy
    product += dx * dy
  }
  if squares.0 == 0 || squares.1 == 0 { return squares.0 == squares.1 ? 1 : 0 }
  return product / (squares.0.squareRoot() * squares.1.squareRoot())
}
