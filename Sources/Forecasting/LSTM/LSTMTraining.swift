// SPDX-License-Identifier: Apache-2.0

/// A mean loss over all outputs of all steps and sequences, and its derivative.
public enum LSTMLoss: Sendable, Equatable {
  /// Mean squared error.
  case meanSquaredError
  /// Mean pinball loss max(q·d, (q-1)·d), d = target - output; one level q an output.
  case pinball([Double])

  /// The loss of `outputs` for `targets`, and its derivative with respect to each output.
  ///
  /// A target of NaN is missing: it adds neither to the loss nor to the number it is divided by.
  ///
  /// - Precondition: as many targets as outputs, in rows of one level each for `.pinball`.
  public func evaluate<Scalar: MatrixScalar>(
    _ outputs: [Scalar], targets: [Scalar]
  ) -> (loss: Scalar, gradient: [Scalar]) {
    precondition(outputs.count == targets.count, "one target an output")
    var gradient = [Scalar](repeating: 0, count: outputs.count)
    let known = targets.count { !$0.isNaN }
    guard known > 0 else { return (0, gradient) }
    let share = 1 / Scalar(known)
    var loss: Scalar = 0
    switch self {
    case .meanSquaredError:
      for index in outputs.indices where !targets[index].isNaN {
        let error = outputs[index] - targets[index]
        loss += error * error
        gradient[index] = 2 * error * share
      }
    case .pinball(let levels):
      let levels = levels.map { Scalar($0) }
      for index in outputs.indices where !targets[index].isNaN {
        let level = levels[index % levels.count]
        let error = targets[index] - outputs[index]
        loss += max(level * error, (level - 1) * error)
        gradient[index] = (error > 0 ? -level : 1 - level) * share
      }
    }
    return (loss * share, gradient)
  }
}

/// The Adam optimiser with a bound on the gradient's length.
///
/// Source: Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, Algorithm 1;
/// clipping by global norm as in Pascanu et al., ICML 2013, with PyTorch's 1e-6 in the divisor.
public struct AdamOptimizer<Scalar: MatrixScalar>: Sendable {
  /// Step size; may be changed between steps (a schedule).
  public var learningRate: Scalar
  private let firstDecay: Scalar = 0.9
  private let secondDecay: Scalar = 0.999
  private let epsilon: Scalar = 1e-8
  private let largestNorm: Scalar
  private var first: [Scalar]
  private var second: [Scalar]
  private var firstPower: Scalar = 1
  private var secondPower: Scalar = 1

  /// An optimiser of `count` parameters; gradients longer than `largestNorm` are shortened to it.
  public init(count: Int, learningRate: Scalar, largestNorm: Scalar) {
    self.learningRate = learningRate
    self.largestNorm = largestNorm
    first = [Scalar](repeating: 0, count: count)
    second = first
  }

  /// Moves `parameters` one step against `gradient`.
  ///
  /// - Returns: the gradient's length before clipping.
  /// - Precondition: both have the optimiser's count.
  @discardableResult
  public mutating func step(_ parameters: inout [Scalar], gradient: [Scalar]) -> Scalar {
    precondition(gradient.count == first.count && parameters.count == first.count, "sizes")
    var square: Scalar = 0
    for value in gradient { square += value * value }
    let norm = square.squareRoot()
    // One step with a gradient that is no number would spoil every parameter for good.
    guard norm.isFinite else { return norm }
    let scale = min(1, largestNorm / (norm + 1e-6))
    firstPower *= firstDecay
    secondPower *= secondDecay
    let correction = (1 - secondPower).squareRoot()
    let stepSize = learningRate / (1 - firstPower)
    for index in parameters.indices {
      let value = gradient[index] * scale
      first[index] += (1 - firstDecay) * (value - first[index])
      second[index] = secondDecay * second[index] + (1 - secondDecay) * value * value
      let divisor = second[index].squareRoot() / correction + epsilon
      parameters[index] -= stepSize * first[index] / divisor
    }
    return norm
  }
}
