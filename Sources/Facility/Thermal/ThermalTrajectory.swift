// SPDX-License-Identifier: Apache-2.0

/// The exact course of all temperatures from one event on, until the next one.
///
/// With `x' = L·x + c` and `v₀ = L·x₀ + c` the state is `x(t) = x₀ + ∫₀ᵗ e^{Ls}·v₀ ds`. The matrix
/// exponential acts on `v₀` by uniformisation (Jensen 1953; Stewart, "Introduction to the numerical
/// solution of Markov chains", 1994, §8.4): with `B = I + L/q ≥ 0`, `W_k = B^k·v₀` and
/// `N ~ Poisson(q·t)`
///
///     x'(t) = Σ_k P(N = k)·W_k        x(t) = x₀ + (1/q)·Σ_k P(N > k)·W_k
///
/// The few vectors `W_k` serve every `t` of the interval, so they are what is cached, and not
/// `e^{Lt}` itself: that would be a dense matrix for each length of step. All terms
/// have one sign per component of `v₀`, nothing cancels, and dropping those with `P(N ≥ k)` below
/// 1e−14 leaves temperatures exact to parts in 1e14 of their change. Nothing is stepped: reading a state at some time
/// changes nothing, so results cannot depend on when somebody looks.
package struct ThermalTrajectory: Sendable, Codable {
  /// The equations.
  let dynamics: ThermalDynamics
  /// `x₀`: outlet temperature of each rack in °C, then the room's and the plenum's.
  package let start: [Double]
  /// Seconds for which the series is kept short; after that it is begun anew.
  package let horizon: Double
  /// `W_0, W_1, …`, one after the other.
  private var terms: [Double]
  private var termCount = 1
  /// `c_j = S_j/j!` with `S_j = Σ_{k < j} W_k` of the room: with `m = q·t` its temperature is
  /// `x₀ + (1/q)·Σ_j P(N = j)·S_j = x₀ + (1/q)·e^{−m}·Σ_j c_j·m^j`, a polynomial.
  private var roomCoefficients: [Double] = []
  private var roomSum = 0.0
  private var factorial = 1.0
  /// Whether no temperature moves any more.
  package let isAtRest: Bool
  /// Bounds of `x''` for all components and all times: `e^{Lt}` shrinks the maximum norm.
  private(set) var accelerationBounds: ClosedRange<Double> = 0...0

  /// Below this speed (K/s) nothing moves: a year of it is 3 µK. Rounding in `v₀` is 1e−16 K/s.
  static let restSpeed = 1e-13
  /// `q·horizon`: three mean steps of the Poisson process need 23 terms.
  private static let stepsPerHorizon = 3.0

  /// The course from state `start` on.
  package init(dynamics: ThermalDynamics, start: [Double]) {
    self.dynamics = dynamics
    self.start = start
    horizon = Self.stepsPerHorizon / dynamics.rate
    terms = dynamics.velocity(at: start)
    isAtRest = terms.allSatisfy { abs($0) < Self.restSpeed }
    if isAtRest { terms = [Double](repeating: 0, count: terms.count) }
  }

  /// Nodes of a state: the racks, the room and the plenum.
  var nodeCount: Int { start.count }

  /// Makes the series long enough for times up to `seconds`; needed before any read.
  package mutating func extend(to seconds: Double) {
    if isAtRest { return }
    // Two more than the state needs, for x' and x''.
    let wanted = SeriesWeights.termCount(for: dynamics.rate * seconds) + 2
    let nodes = nodeCount
    guard wanted > termCount else { return }
    terms.append(contentsOf: repeatElement(0, count: (wanted - termCount) * nodes))
    terms.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for k in termCount..<wanted {
        dynamics.step(base + (k - 1) * nodes, into: base + k * nodes)
      }
    }
    if termCount == 1 { boundAcceleration() }
    if roomCoefficients.isEmpty { roomCoefficients = [0] }
    for j in roomCoefficients.count..<wanted {
      roomSum += terms[(j - 1) * nodes + nodes - 2]
      factorial *= Double(j)
      roomCoefficients.append(roomSum / factorial)
    }
    termCount = wanted
  }

  private mutating func boundAcceleration() {
    var low = 0.0
    var high = 0.0
    for i in 0..<nodeCount {
      let a = dynamics.rate * (terms[nodeCount + i] - terms[i])
      low = min(low, a)
      high = max(high, a)
    }
    accelerationBounds = low...high
  }

  /// The weights by which the series is summed at `seconds`.
  ///
  /// - Precondition: ``extend(to:)`` was called for this time or a later one.
  package func weights(at seconds: Double) -> SeriesWeights {
    if seconds == 0 { return .start }
    let weights = SeriesWeights(mean: isAtRest ? 0 : dynamics.rate * seconds)
    precondition(isAtRest || weights.count + 2 <= termCount, "the series is too short")
    return weights
  }

  /// The temperature of one node in °C.
  package func temperature(_ node: Int, _ weights: SeriesWeights) -> Double {
    if isAtRest { return start[node] }
    var sum = 0.0
    for k in 0..<weights.count { sum += weights.beyond[k] * terms[k * nodeCount + node] }
    return start[node] + sum / dynamics.rate
  }

  /// The room's temperature in °C at `seconds`; the same as by its weights, but quicker.
  package func roomTemperature(at seconds: Double) -> Double {
    let room = start[nodeCount - 2]
    if isAtRest || seconds == 0 { return room }
    let mean = dynamics.rate * seconds
    var sum = 0.0
    for coefficient in roomCoefficients.reversed() { sum = sum * mean + coefficient }
    return room + Elementary.exp(-mean) * sum / dynamics.rate
  }

  /// How fast one node's temperature rises, in K/s.
  package func speed(_ node: Int, _ weights: SeriesWeights) -> Double {
    if isAtRest { return 0 }
    var sum = 0.0
    for k in 0..<weights.count { sum += weights.exactly[k] * terms[k * nodeCount + node] }
    return sum
  }

  /// How fast one node's speed grows, in K/s².
  func acceleration(_ node: Int, _ weights: SeriesWeights) -> Double {
    if isAtRest { return 0 }
    var sum = 0.0
    for k in 0..<weights.count {
      let here = k * nodeCount + node
      sum += weights.exactly[k] * (terms[here + nodeCount] - terms[here])
    }
    return sum * dynamics.rate
  }

  /// `∫₀ᵗ` of one node's temperature, in K·s, where `weights` are those of `t = seconds`.
  package func integral(_ node: Int, seconds: Double, _ weights: SeriesWeights) -> Double {
    if isAtRest { return start[node] * seconds }
    var sum = 0.0
    for k in 0..<weights.count { sum += weights.beyondSum[k] * terms[k * nodeCount + node] }
    return start[node] * seconds + sum / (dynamics.rate * dynamics.rate)
  }

  /// All temperatures in °C: each rack's outlet, then the room and the plenum.
  package func state(_ weights: SeriesWeights) -> [Double] {
    if isAtRest { return start }
    var result = start
    for k in 0..<weights.count {
      let weight = weights.beyond[k] / dynamics.rate
      let offset = k * nodeCount
      for i in 0..<nodeCount { result[i] += weight * terms[offset + i] }
    }
    return result
  }
}

/// Poisson probabilities for one mean, as ``ThermalTrajectory`` needs them.
package struct SeriesWeights: Sendable {
  /// `P(N = k)`.
  package let exactly: [Double]
  /// `P(N > k)`.
  package let beyond: [Double]
  /// `Σ_{j > k} P(N > j)`: `q` times the integral of `P(N > k)` over time.
  package let beyondSum: [Double]

  /// Number of terms.
  package var count: Int { exactly.count }

  /// The weights for the start.
  static let start = SeriesWeights(mean: 0)

  /// Probabilities below this play no part: what they weigh are changes of temperatures.
  private static let negligible = 1e-14

  /// The weights for `mean = q·t`.
  package init(mean: Double) {
    let count = Self.termCount(for: mean)
    var exactly = [Double](repeating: 0, count: count)
    var beyond = exactly
    var beyondSum = exactly
    var p = Elementary.exp(-mean)
    for k in 0..<count {
      exactly[k] = p
      p *= mean / Double(k + 1)
    }
    // Summed from the small end, which keeps the tails accurate to the last digit.
    var tail = p
    var tails = 0.0
    for k in stride(from: count - 1, through: 0, by: -1) {
      beyond[k] = tail
      beyondSum[k] = tails
      tails += tail
      tail += exactly[k]
    }
    self.exactly = exactly
    self.beyond = beyond
    self.beyondSum = beyondSum
  }

  /// How many terms matter for `mean`, which must not exceed a few hundred.
  static func termCount(for mean: Double) -> Int {
    var p = Elementary.exp(-mean)
    var k = 0
    while Double(k) <= mean || p >= negligible {
      k += 1
      p *= mean / Double(k)
    }
    return k
  }
}
