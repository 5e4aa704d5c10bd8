// SPDX-License-Identifier: Apache-2.0
import Numerics
import SimulationKernel

/// How the points of a sweep are chosen among the values of its axes.
public enum SweepDesign: String, Sendable, CaseIterable {
  /// Every combination.
  case grid
  /// Independent and uniform.
  case random
  /// Latin hypercube: each axis evenly covered (McKay, Beckman and Conover, Technometrics 21, 1979).
  case latin = "lhs"
  /// Sobol's sequence: the cube evenly covered, and more points can be added later.
  case sobol

  /// Most points of a plan.
  public static let mostPoints = 1_000_000

  /// Chooses the points.
  ///
  /// - Parameters:
  ///   - axes: The axes, at least one.
  ///   - count: Number of points; a grid has its own.
  ///   - seed: Root of random designs.
  /// - Returns: For each point a value for each axis.
  /// - Throws: ``StudyError`` for a grid over an axis without steps, too many points, or more axes
  ///   than Sobol's sequence has dimensions.
  public func points(_ axes: [ScenarioAxis], count: Int, seed: UInt64) throws(StudyError)
    -> [[String]]
  {
    guard !axes.isEmpty else { throw StudyError("there is no axis") }
    if self == .grid { return try Self.grid(axes) }
    guard (1...Self.mostPoints).contains(count) else {
      throw StudyError("the number of points is 1 … \(Self.mostPoints)")
    }
    let places = try places(count: count, dimensions: axes.count, seed: seed)
    return places.map { place in zip(axes, place).map { $0.value(at: $1) } }
  }

  private static func grid(_ axes: [ScenarioAxis]) throws(StudyError) -> [[String]] {
    var points: [[String]] = [[]]
    for axis in axes {
      guard let levels = axis.levels else {
        throw StudyError("\(axis.path): a grid needs a step, e.g. 0.5..1.5:0.1")
      }
      guard points.count * levels.count <= mostPoints else {
        throw StudyError("the grid has more than \(mostPoints) points")
      }
      points = points.flatMap { point in levels.map { point + [$0] } }
    }
    return points
  }

  /// Points of the unit cube.
  private func places(count: Int, dimensions: Int, seed: UInt64) throws(StudyError) -> [[Double]] {
    var stream = RandomStream(seed: seed, purpose: "sweep")
    switch self {
    case .grid, .random:
      return (0..<count).map { _ in (0..<dimensions).map { _ in stream.uniform() } }
    case .latin:
      let columns = (0..<dimensions).map { _ in
        var strata = Array(0..<count)
        stream.shuffle(&strata)
        return strata.map { (Double($0) + stream.uniform()) / Double(count) }
      }
      return (0..<count).map { point in columns.map { $0[point] } }
    case .sobol:
      guard dimensions <= SobolSequence.mostDimensions else {
        throw StudyError("Sobol's sequence has \(SobolSequence.mostDimensions) axes at most")
      }
      return SobolSequence.points(count: count, dimensions: dimensions)
    }
  }
}
