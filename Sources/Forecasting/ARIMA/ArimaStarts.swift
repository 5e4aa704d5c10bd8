// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Where the likelihood search begins.
///
/// Near-cancelling roots make several local optima, and looking at the likelihood of a point is some
/// hundred times cheaper than a search from it. So many points are looked at, and the best of them
/// that lie apart are searched from.
enum ArimaStarts {
  /// Points looked at besides those that theory suggests.
  private static let spreadPoints = 48
  /// The same for long seasons, where a look is dear.
  private static let fewSpreadPoints = 8
  private static let longLag = 60
  /// The points reach to partial autocorrelations of ± tanh 2 = 0.964.
  private static let reach = 2.0
  /// Points closer than this in every coordinate lead to the same optimum as a rule.
  private static let apart = 0.6

  /// Points to look at: the regression estimate, white noise, both sides of the ridge where the
  /// roots of both polynomials cancel, and points spread evenly over the whole region.
  static func candidates(_ series: [Double], order: ArimaOrder) -> [[Double]] {
    let zero = [Double](repeating: 0, count: order.coefficientCount)
    func tilted(_ ar: Double, _ ma: Double) -> [Double] {
      [Double](repeating: ar, count: order.autoregressive)
        + [Double](repeating: ma, count: order.movingAverage)
        + [Double](repeating: 0.1, count: order.seasonalAutoregressive)
        + [Double](repeating: 0.1, count: order.seasonalMovingAverage)
    }
    let longest = order.season * (order.seasonalAutoregressive + order.seasonalMovingAverage)
    return [
      HannanRissanen.start(series, order: order), zero, tilted(0.8, 0.8), tilted(-0.8, -0.8),
    ] + spread(longest > longLag ? fewSpreadPoints : spreadPoints, dimensions: zero.count)
  }

  /// The points with the least values that lie apart, at most `count`, the least one first.
  static func best(_ points: [(point: [Double], value: Double)], count: Int) -> [[Double]] {
    var chosen: [[Double]] = []
    let order = points.indices.sorted { (points[$0].value, $0) < (points[$1].value, $1) }
    for index in order where chosen.count < count && points[index].value.isFinite {
      let point = points[index].point
      let isNew = chosen.allSatisfy { other in
        zip(point, other).contains { abs($0 - $1) > apart }
      }
      if isNew { chosen.append(point) }
    }
    return chosen
  }

  /// An additive recurrence with the powers of the root of x^(d+1) = x + 1: evenly spread in any
  /// number of points and dimensions (Roberts 2018, "The unreasonable effectiveness of
  /// quasirandom sequences").
  private static func spread(_ count: Int, dimensions: Int) -> [[Double]] {
    var root = 2.0
    for _ in 0..<40 { root = pow(1 + root, 1 / Double(dimensions + 1)) }
    let steps = (1...max(1, dimensions)).map { pow(root, -Double($0)) }
    return (1...count).map { index in
      (0..<dimensions).map { dimension in
        let position = 0.5 + Double(index) * steps[dimension]
        return reach * (2 * (position - position.rounded(.down)) - 1)
      }
    }
  }
}
