// SPDX-License-Identifier: Apache-2.0

/// What one parameter became, after defaults.
package struct ResolvedEntry: Sendable, Equatable {
  /// The key.
  package var key: String
  /// The value.
  package var node: ResolvedNode
  /// The sentence about it; empty where there is none.
  package var about: String
  /// Whether the user left it out.
  package var isDefault: Bool
  /// Whether it was left out and leaving it out means something of its own.
  package var isAbsent = false
}

/// A value as a scenario file would state it.
package indirect enum ResolvedNode: Sendable, Equatable {
  /// YAML text of a scalar.
  case scalar(String)
  /// Values in order.
  case list([ResolvedNode])
  /// Keys and values in order.
  case mapping([ResolvedEntry])
  /// A model by its name, with its parameters.
  case model(String, [ResolvedEntry])
}
