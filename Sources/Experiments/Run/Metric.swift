// SPDX-License-Identifier: Apache-2.0

/// A figure by which runs are judged: its name, unit and meaning, in one place.
public struct Metric: Sendable {
  /// Which way is better; nil where neither is.
  public enum Better: String, Sendable, Codable {
    case lower, higher
  }

  /// camelCase, with the unit at the end; stable across versions.
  public var name: String
  /// Unit in UDUNITS form; "1" for a bare number.
  public var units: String
  /// What it is, for people.
  public var about: String
  /// Which way is better.
  public var better: Better?
  /// Works it out from the books; NaN when the run has no such thing.
  public var compute: @Sendable (RunBooks) -> Double

  init(
    _ name: String, _ units: String, _ better: Better? = nil, _ about: String,
    _ compute: @escaping @Sendable (RunBooks) -> Double
  ) {
    self.name = name
    self.units = units
    self.better = better
    self.about = about
    self.compute = compute
  }

  /// All metrics, in the order in which they are reported.
  public static let all: [Metric] =
    service + shadows + faults + decisions + facility + costs + forecasts

  /// The position of a metric in ``all``.
  public static func position(of name: String) -> Int? {
    all.firstIndex { $0.name == name }
  }
}
