// SPDX-License-Identifier: Apache-2.0

/// What became of a path that a scenario names.
package enum LocatedPath: Sendable, Equatable {
  /// It exists; this path opens it.
  case found(String)
  /// It does not exist; the message says where it was looked for.
  case missing(String)
}
