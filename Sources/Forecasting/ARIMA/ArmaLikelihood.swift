// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What one pass of the Kalman filter over a series adds up to.
struct ArmaLikelihood: Sendable, Equatable {
  /// Values that were not missing.
  var count = 0
  /// Σ v²/F: squared innovations over their relative variance.
  var squares = 0.0
  /// Σ ln F.
  var logVariances = 0.0
  /// The mean that the innovations were taken about.
  var mean = 0.0

  /// The variance of the innovations that maximises the likelihood.
  var variance: Double { squares / Double(count) }

  /// −ln L per constant: what remains to be minimised when variance and mean are concentrated out.
  var objective: Double { 0.5 * (Double(count) * log(variance) + logVariances) }

  /// The exact Gaussian log-likelihood at an innovation variance.
  func logLikelihood(variance: Double) -> Double {
    -0.5 * (Double(count) * log(2 * .pi * variance) + logVariances + squares / variance)
  }

  /// Filters a (differenced) series; nil if the process is not stationary.
  ///
  /// `mean` is the mean of the process, or nil to use its generalised-least-squares estimate
  /// `Σ u v/F / Σ u²/F`, u being the innovations of a series of ones.
  init?(_ series: [Double], ar: [Double], ma: [Double], mean: Double?) {
    guard let filter = ArmaFilter(ar: ar, ma: ma) else { return nil }
    var sums = InnovationSums()
    series.withUnsafeBufferPointer { values in
      sums.run(filter, values, shift: mean ?? 0)
    }
    count = sums.count
    logVariances = sums.logVariances
    if let mean {
      self.mean = mean
      squares = sums.values
    } else if sums.ones > 1e-12 * Double(max(sums.count, 1)) {
      self.mean = sums.mixed / sums.ones
      squares = max(0, sums.values - sums.mixed * self.mean)
    } else {
      squares = sums.values
    }
  }
}

/// Innovations v of the series and u of a series of ones, summed up over one pass.
private struct InnovationSums {
  var count = 0
  /// Σ v²/F, Σ u v/F, Σ u²/F.
  var values = 0.0
  var mixed = 0.0
  var ones = 0.0
  var logVariances = 0.0
  /// State mean of the series of ones; one more element, always 0.
  private var b: ContiguousArray<Double> = []

  mutating func run(
    _ filter: ArmaFilter, _ series: UnsafeBufferPointer<Double>, shift: Double
  ) {
    var filter = filter
    b = ContiguousArray(repeating: 0, count: filter.dimension + 1)
    var time = 0
    while time < series.count {
      if filter.isSteady, !series[time].isNaN {
        time = runSteady(&filter, series, from: time, shift: shift)
      } else {
        step(&filter, series[time] - shift)
        time += 1
      }
    }
  }

  private mutating func step(_ filter: inout ArmaFilter, _ value: Double) {
    let r = filter.dimension
    let seen = b[0]
    if value.isNaN {
      for i in 0..<r { b[i] = b[i + 1] + filter.phi[i] * seen }
    } else {
      let relativeVariance = filter.predictionVariance
      let v = value - filter.prediction
      let u = 1 - seen
      count += 1
      values += v * v / relativeVariance
      mixed += u * v / relativeVariance
      ones += u * u / relativeVariance
      logVariances += log(relativeVariance)
      let gain = u / relativeVariance
      for i in 0..<r {
        b[i] = b[i + 1] + filter.phi[i] + filter.covariance[(i + 1) * (r + 1)] * gain
      }
    }
    filter.observe(value)
  }

  /// The settled filter up to the next missing value: relative variance 1, constant gain.
  private mutating func runSteady(
    _ filter: inout ArmaFilter, _ series: UnsafeBufferPointer<Double>, from start: Int,
    shift: Double
  ) -> Int {
    var end = start
    while end < series.count, !series[end].isNaN { end += 1 }
    let sums = filter.runSteady(
      UnsafeBufferPointer(rebasing: series[start..<end]), shift: shift, ones: &b)
    values += sums.values
    mixed += sums.mixed
    ones += sums.ones
    count += end - start
    return end
  }
}
