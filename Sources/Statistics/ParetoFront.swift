// SPDX-License-Identifier: Apache-2.0

/// The points of two figures, both better when lower, that no other point beats in both.
public struct ParetoFront: Sendable, Hashable {
  /// One point.
  public struct Point: Sendable, Hashable {
    /// What it costs.
    public var cost: Double
    /// What is bad about it.
    public var loss: Double

    /// A point.
    public init(cost: Double, loss: Double) {
      self.cost = cost
      self.loss = loss
    }
  }

  /// Positions of the front's points among those given, by rising cost and falling loss.
  public let indices: [Int]
  /// The front's points in that order.
  public let points: [Point]

  /// The front of `points`. Of equal points the first one is kept; points that are not numbers
  /// are never on it.
  public init(_ points: [Point]) {
    let order = points.indices.filter { points[$0].cost.isFinite && points[$0].loss.isFinite }
      .sorted { left, right in
        (points[left].cost, points[left].loss, left)
          < (points[right].cost, points[right].loss, right)
      }
    var front: [Int] = []
    for index in order where points[index].loss < front.last.map({ points[$0].loss }) ?? .infinity {
      front.append(index)
    }
    indices = front
    self.points = front.map { points[$0] }
  }

  /// Two settings taken in turn: part of the time the one, else the other.
  public struct Mixture: Sendable, Hashable {
    /// Position of one setting among the points given.
    public var first: Int
    /// Position of the other one.
    public var second: Int
    /// Part of the time that the second one has, 0 … 1.
    public var share: Double
    /// Whether the front ends before the figure that was asked for, so that its end stands here.
    public var isEnd: Bool

    /// What the mixture has of a figure that the settings have.
    public func mean(of values: (Int) -> Double) -> Double {
      share == 0 ? values(first) : (1 - share) * values(first) + share * values(second)
    }
  }

  /// The mixture of neighbours of the front with the least loss that costs `cost`.
  ///
  /// - Returns: nil below the cheapest point; the last point above the dearest one.
  public func mixture(atCost cost: Double) -> Mixture? {
    guard let first = points.first, let last = points.last, cost >= first.cost else { return nil }
    guard cost < last.cost else { return end(points.count - 1, isEnd: cost > last.cost) }
    let upper = points.firstIndex { $0.cost > cost } ?? points.count - 1
    let (left, right) = (points[upper - 1], points[upper])
    return Mixture(
      first: indices[upper - 1], second: indices[upper],
      share: (cost - left.cost) / (right.cost - left.cost), isEnd: false)
  }

  /// The mixture of neighbours of the front with the least cost that loses `loss`.
  ///
  /// - Returns: nil below the best point's loss; the first point above the worst one.
  public func mixture(atLoss loss: Double) -> Mixture? {
    guard let first = points.first, let last = points.last, loss >= last.loss else { return nil }
    guard loss < first.loss else { return end(0, isEnd: loss > first.loss) }
    let lower = points.firstIndex { $0.loss <= loss } ?? points.count - 1
    let (left, right) = (points[lower - 1], points[lower])
    return Mixture(
      first: indices[lower - 1], second: indices[lower],
      share: (left.loss - loss) / (left.loss - right.loss), isEnd: false)
  }

  private func end(_ position: Int, isEnd: Bool) -> Mixture {
    Mixture(first: indices[position], second: indices[position], share: 0, isEnd: isEnd)
  }

  /// The least loss at a cost of at most `cost`; nil below the cheapest point.
  public func loss(atCost cost: Double) -> Double? {
    value(mixture(atCost: cost), \.loss)
  }

  /// The least cost at a loss of at most `loss`; nil below the best point's loss.
  public func cost(atLoss loss: Double) -> Double? {
    value(mixture(atLoss: loss), \.cost)
  }

  private func value(_ mixture: Mixture?, _ figure: KeyPath<Point, Double>) -> Double? {
    mixture?.mean { index in
      indices.firstIndex(of: index).map { points[$0][keyPath: figure] } ?? .nan
    }
  }
}
