// SPDX-License-Identifier: Apache-2.0

/// Adaptive Gauss–Kronrod quadrature (7, 15 points; QUADPACK's nodes and weights, Piessens et al.
/// 1983) of several functions at once, which share their evaluations.
enum Quadrature {
  private static let nodes: [Double] = [
    0.991_455_371_120_812_6, 0.949_107_912_342_758_5, 0.864_864_423_359_769_1,
    0.741_531_185_599_394_4, 0.586_087_235_467_691_1, 0.405_845_151_377_397_2,
    0.207_784_955_007_898_5, 0,
  ]
  private static let kronrod: [Double] = [
    0.022_935_322_010_529_2, 0.063_092_092_629_978_6, 0.104_790_010_322_250_2,
    0.140_653_259_715_525_9, 0.169_004_726_639_267_9, 0.190_350_578_064_785_4,
    0.204_432_940_075_298_9, 0.209_482_141_084_727_8,
  ]
  private static let gauss: [Double] = [
    0.129_484_966_168_869_7, 0.279_705_391_489_276_7, 0.381_830_050_505_118_9,
    0.417_959_183_673_469_4,
  ]

  /// Error over integral that is good enough: below it, rounding is as large.
  private static let relativeError = 1e-13
  /// A jump is located to 2⁻³⁰ of the interval.
  private static let deepest = 30

  /// `∫` over `from…to` of each lane of `function`.
  static func integrate(
    from: Double, to: Double, _ function: (Double) -> SIMD8<Double>
  ) -> SIMD8<Double> {
    guard to > from else { return .zero }
    let (value, error) = panel(from, to, function)
    return refine(from, to, value, error, scale: value, depth: 0, function)
  }

  private static func refine(
    _ from: Double, _ to: Double, _ value: SIMD8<Double>, _ error: SIMD8<Double>,
    scale: SIMD8<Double>, depth: Int, _ function: (Double) -> SIMD8<Double>
  ) -> SIMD8<Double> {
    var isGood = true
    for lane in 0..<8 where error[lane] > relativeError * abs(scale[lane]) { isGood = false }
    if isGood || depth == deepest { return value }
    let middle = 0.5 * (from + to)
    let (left, leftError) = panel(from, middle, function)
    let (right, rightError) = panel(middle, to, function)
    return refine(from, middle, left, leftError, scale: scale, depth: depth + 1, function)
      + refine(middle, to, right, rightError, scale: scale, depth: depth + 1, function)
  }

  private static func panel(_ from: Double, _ to: Double, _ function: (Double) -> SIMD8<Double>)
    -> (value: SIMD8<Double>, error: SIMD8<Double>)
  {
    let centre = 0.5 * (from + to)
    let half = 0.5 * (to - from)
    let middle = function(centre)
    var sum = middle * kronrod[7]
    var coarse = middle * gauss[3]
    for i in 0..<7 {
      let pair = function(centre - half * nodes[i]) + function(centre + half * nodes[i])
      sum += pair * kronrod[i]
      if i % 2 == 1 { coarse += pair * gauss[i / 2] }
    }
    var error = (sum - coarse) * half
    for lane in 0..<8 { error[lane] = abs(error[lane]) }
    return (sum * half, error)
  }
}
