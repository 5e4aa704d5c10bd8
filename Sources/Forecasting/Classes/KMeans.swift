// SPDX-License-Identifier: Apache-2.0

/// Groups of similar points: k-means in standardised coordinates (Lloyd 1982,
/// doi:10.1109/TIT.1982.1056489), started deterministically from points far apart.
struct KMeans: Sendable, Equatable, Codable {
  /// What is subtracted from each coordinate.
  private(set) var offsets: [Double]
  /// What each coordinate is divided by then.
  private(set) var scales: [Double]
  /// The centre of each group, in standardised coordinates.
  private(set) var centers: [[Double]]

  private static let maximumRounds = 100

  /// At most `count` groups of the points; fewer when there are fewer different points.
  ///
  /// - Precondition: there is at least one point, all are equally long, `count` ≥ 1.
  init(_ points: [[Double]], count: Int) {
    precondition(!points.isEmpty && count >= 1, "\(points.count) points, \(count) groups")
    let dimensions = points[0].indices
    let offsets = dimensions.map { dimension in mean(points.map { $0[dimension] }) }
    let scales = dimensions.map { dimension in
      let squares = points.map {
        ($0[dimension] - offsets[dimension]) * ($0[dimension] - offsets[dimension])
      }
      let deviation = mean(squares).squareRoot()
      return deviation > 1e-9 ? deviation : 1
    }
    self.offsets = offsets
    self.scales = scales
    centers = []
    let standard = points.map(standardised)
    centers = Self.distantPoints(standard, count: count)
    for _ in 0..<Self.maximumRounds {
      let moved = centersOfGroups(standard)
      if moved == centers { break }
      centers = moved
    }
  }

  /// The group whose centre is nearest; of equally near ones the first.
  func group(of point: [Double]) -> Int { nearest(standardised(point)).group }

  private func standardised(_ point: [Double]) -> [Double] {
    point.indices.map { (point[$0] - offsets[$0]) / scales[$0] }
  }

  private func nearest(_ point: [Double]) -> (group: Int, distance: Double) {
    var best = (group: 0, distance: Double.infinity)
    for (group, center) in centers.enumerated() {
      let distance = Self.distance(point, center)
      if distance < best.distance { best = (group, distance) }
    }
    return best
  }

  private func centersOfGroups(_ points: [[Double]]) -> [[Double]] {
    var sums = centers.map { $0.map { _ in 0.0 } }
    var counts = [Double](repeating: 0, count: centers.count)
    for point in points {
      let group = nearest(point).group
      counts[group] += 1
      for dimension in point.indices { sums[group][dimension] += point[dimension] }
    }
    return sums.indices.map { group in
      counts[group] > 0 ? sums[group].map { $0 / counts[group] } : centers[group]
    }
  }

  /// The point nearest to the middle, then again and again the one farthest from all chosen.
  private static func distantPoints(_ points: [[Double]], count: Int) -> [[Double]] {
    let middle = points[0].map { _ in 0.0 }
    var first = 0
    for index in points.indices
    where distance(points[index], middle) < distance(points[first], middle) { first = index }
    var chosen = [points[first]]
    while chosen.count < count {
      var farthest = (index: 0, distance: 0.0)
      for (index, point) in points.enumerated() {
        let nearest = chosen.map { distance(point, $0) }.min() ?? 0
        if nearest > farthest.distance { farthest = (index, nearest) }
      }
      guard farthest.distance > 0 else { break }
      chosen.append(points[farthest.index])
    }
    return chosen
  }

  private static func distance(_ left: [Double], _ right: [Double]) -> Double {
    zip(left, right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }
}
