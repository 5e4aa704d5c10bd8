// SPDX-License-Identifier: Apache-2.0
import Experiments
import Units

/// A question that cannot be asked like this.
public struct StudyError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong with it, in words.
  public var description: String

  init(_ description: String) { self.description = description }
}

extension ScenarioSpec {
  /// The policy of a label or name: the scenario's, else that of the catalogue with its defaults;
  /// the scenario's first without a name.
  ///
  /// - Throws: ``StudyError`` with the nearest name.
  func policy(_ name: String?) throws(StudyError) -> PolicySpec {
    guard let name else { return policies[0] }
    if let found = policies.first(where: { $0.label == name || $0.name == name })
      ?? PolicySpec.named(name)
    {
      return found
    }
    let nearest = nearestName(to: name, in: PolicyCatalog.names)
    throw StudyError(
      "no policy \"\(name)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""))
  }
}
