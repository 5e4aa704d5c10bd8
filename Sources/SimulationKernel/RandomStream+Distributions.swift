// SPDX-License-Identifier: Apache-2.0
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// Where a distribution has an inverse it is used: one draw gives one variate, so streams of two
// runs stay in step (common random numbers) even when the parameters differ. The logarithm and its
// relatives come from the C library: the same binary on the same library gives the same bits.

extension RandomStream {
  /// An exponential variate; its mean is its standard deviation. One draw.
  ///
  /// - Precondition: `mean` is not negative.
  public mutating func exponential(mean: Double) -> Double {
    precondition(mean >= 0, "an exponential variate needs a mean of at least 0")
    return -mean * log(1 - uniform())
  }

  /// A normal variate, by the inverse distribution function. One draw.
  ///
  /// - Precondition: `standardDeviation` is not negative.
  public mutating func normal(mean: Double = 0, standardDeviation: Double = 1) -> Double {
    precondition(standardDeviation >= 0, "a standard deviation must be at least 0")
    return mean + standardDeviation * normalQuantile(openUniform())
  }

  /// `median` · exp(`sigma` · Z) with a standard normal Z. One draw.
  ///
  /// The mean is `median` · exp(`sigma`²/2).
  ///
  /// - Precondition: `median` and `sigma` are not negative.
  public mutating func logNormal(median: Double, sigma: Double) -> Double {
    precondition(median >= 0, "a log-normal variate needs a median of at least 0")
    return median * exp(normal(mean: 0, standardDeviation: sigma))
  }

  /// A Pareto variate: P(X > x) = (`minimum`/x)^`shape` for x ≥ `minimum`. One draw.
  ///
  /// The mean is infinite for shapes up to 1, the variance for shapes up to 2.
  ///
  /// - Precondition: `minimum` and `shape` are positive.
  public mutating func pareto(minimum: Double, shape: Double) -> Double {
    precondition(minimum > 0 && shape > 0, "a Pareto variate needs positive parameters")
    return minimum * pow(1 - uniform(), -1 / shape)
  }

  /// A Weibull variate: P(X > x) = exp(−(x/`scale`)^`shape`). One draw.
  ///
  /// - Precondition: `scale` and `shape` are positive.
  public mutating func weibull(scale: Double, shape: Double) -> Double {
    precondition(scale > 0 && shape > 0, "a Weibull variate needs positive parameters")
    return scale * pow(-log(1 - uniform()), 1 / shape)
  }

  /// A gamma variate of mean `shape` · `scale` and variance `shape` · `scale`².
  ///
  /// Source: Marsaglia and Tsang, "A Simple Method for Generating Gamma Variables", ACM TOMS 26(3),
  /// 2000, doi:10.1145/358407.358414; for shapes below 1 its remark at the end of section 2. By
  /// rejection, so the number of draws varies: give each use its own stream.
  ///
  /// - Precondition: `shape` and `scale` are positive.
  public mutating func gamma(shape: Double, scale: Double) -> Double {
    precondition(shape > 0 && scale > 0, "a gamma variate needs positive parameters")
    if shape < 1 {
      let boost = pow(openUniform(), 1 / shape)
      return boost * gamma(shape: shape + 1, scale: scale)
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normalQuantile(openUniform())
      let root = 1 + c * x
      if root <= 0 { continue }
      let v = root * root * root
      if log(openUniform()) < 0.5 * x * x + d * (1 - v + log(v)) { return d * v * scale }
    }
  }

  /// A Poisson variate.
  ///
  /// Below a mean of 10 by inversion (one draw), above by the transformed rejection PTRS of Hörmann,
  /// "The transformed rejection method for generating Poisson random variables", Insurance:
  /// Mathematics and Economics 12(1), 1993, doi:10.1016/0167-6687(93)90997-4.
  ///
  /// - Precondition: `mean` is in 0 … 1e9; above, the acceptance test would lose its precision.
  public mutating func poisson(mean: Double) -> Int {
    precondition((0...1e9).contains(mean), "a Poisson variate needs a mean in 0 ... 1e9")
    return mean < 10 ? poissonByInversion(mean) : poissonByRejection(mean)
  }

  private mutating func poissonByInversion(_ mean: Double) -> Int {
    var count = 0
    var probability = exp(-mean)
    var rest = uniform() - probability
    // The largest `uniform()` leaves less than rounding errors in the tail: stop when it is empty.
    while rest >= 0 && probability > 0 {
      count += 1
      probability *= mean / Double(count)
      rest -= probability
    }
    return count
  }

  private mutating func poissonByRejection(_ mean: Double) -> Int {
    let b = 0.931 + 2.53 * mean.squareRoot()
    let a = -0.059 + 0.02483 * b
    let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
    let squeeze = 0.9277 - 3.6224 / (b - 2)
    let logMean = log(mean)
    while true {
      let u = uniform() - 0.5
      let v = openUniform()
      let edge = 0.5 - abs(u)
      if edge <= 0 { continue }
      let k = ((2 * a / edge + b) * u + mean + 0.43).rounded(.down)
      if edge >= 0.07 && v <= squeeze { return Int(k) }
      if k < 0 || (edge < 0.013 && v > edge) { continue }
      let accepted = log(v * inverseAlpha / (a / (edge * edge) + b))
      if accepted <= k * logMean - mean - logFactorial(k) { return Int(k) }
    }
  }
}

/// ln(k!) for a whole k ≥ 0, to 1e-13 relative: a product, and from 16 on Stirling's series.
private func logFactorial(_ k: Double) -> Double {
  if k < 16 {
    var product = 1.0
    for factor in 1..<max(2, Int(k) + 1) { product *= Double(factor) }
    return log(product)
  }
  let x = k + 1
  let inverse = 1 / (x * x)
  let series = (1.0 / 12 - inverse * (1.0 / 360 - inverse * (1.0 / 1260 - inverse / 1680))) / x
  let halfLogTwoPi = 0.918_938_533_204_672_8
  return (x - 0.5) * log(x) - x + halfLogTwoPi + series
}

/// The quantile of the standard normal distribution at `probability`, to about 1 part in 1e16.
///
/// Source: Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied
/// Statistics 37(3), 1988, doi:10.2307/2347330 (PPND16).
///
/// - Parameter probability: In (0, 1).
/// - Returns: The quantile; ±infinity for 0 and 1, NaN outside.
package func normalQuantile(_ probability: Double) -> Double {
  let fromMedian = probability - 0.5
  if abs(fromMedian) <= 0.425 {
    let r = 0.180625 - fromMedian * fromMedian
    return fromMedian * centralNumerator(r) / centralDenominator(r)
  }
  let tail = fromMedian < 0 ? probability : 1 - probability
  if tail <= 0 { return tail == 0 ? .infinity * fromMedian : .nan }
  let r = (-log(tail)).squareRoot()
  let size = r <= 5 ? middleRatio(r - 1.6) : outerRatio(r - 5)
  return fromMedian < 0 ? -size : size
}

/// The polynomial with these coefficients, the highest power first.
@inline(__always)
private func polynomial(
  _ x: Double, _ c: (Double, Double, Double, Double, Double, Double, Double, Double)
)
  -> Double
{
  let high = ((c.0 * x + c.1) * x + c.2) * x + c.3
  return (((high * x + c.4) * x + c.5) * x + c.6) * x + c.7
}

private func centralNumerator(_ r: Double) -> Double {
  polynomial(
    r,
    (
      2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
      4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
      1.3314166789178437745e2, 3.3871328727963666080
    ))
}

private func centralDenominator(_ r: Double) -> Double {
  polynomial(
    r,
    (
      5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
      2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
      4.2313330701600911252e1, 1
    ))
}

private func middleRatio(_ r: Double) -> Double {
  let numerator = polynomial(
    r,
    (
      7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
      1.27045825245236838258, 3.64784832476320460504, 5.76949722146069140550,
      4.63033784615654529590, 1.42343711074968357734
    ))
  let denominator = polynomial(
    r,
    (
      1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
      1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940,
      2.05319162663775882187, 1
    ))
  return numerator / denominator
}

private func outerRatio(_ r: Double) -> Double {
  let numerator = polynomial(
    r,
    (
      2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
      2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580,
      5.46378491116411436990, 6.65790464350110377720
    ))
  let denominator = polynomial(
    r,
    (
      2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
      7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
      5.99832206555887937690e-1, 1
    ))
  return numerator / denominator
}
