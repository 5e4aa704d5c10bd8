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

  /// The least loss at a cost of at most `cost`, on straight lines between neighbours of the
  /// front: what a mixture of two settings would give.
  ///
  /// - Returns: nil below the cheapest point; the last point's loss above the dearest one.
  public func loss(atCost cost: Double) -> Double? {
    guard let first = points.first, let last = points.last, cost >= first.cost else { return nil }
    guard cost < last.cost else { return last.loss }
    let upper = points.firstIndex { $0.cost > cost } ?? points.count - 1
    let (left, right) = (points[upper - 1], points[upper])
    let share = (cost - left.cost) / (right.cost - left.cost)
    return left.loss + share * (right.loss - left.loss)
  }

  /// The least cost at a loss of at most `loss`, on the same lines.
  ///
  /// - Returns: nil below the best point's loss; the first point's cost above the worst one.
  public func cost(atLoss loss: Double) -> Double? {
    guard let first = points.first, let last = points.last, loss >= last.loss else { return nil }
    guard loss < first.loss else { return first.cost }
    let lower = points.firstIndex { $0.loss <= loss } ?? points.count - 1
    let (left, right) = (points[lower - 1], points[lower])
    let share = (left.loss - loss) / (left.loss - right.loss)
    return left.cost + share * (right.cost - left.cost)
  }
}
