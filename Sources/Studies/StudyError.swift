// SPDX-License-Identifier: Apache-2.0

/// A question that cannot be asked like this.
public struct StudyError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong with it, in words.
  public var description: String

  init(_ description: String) { self.description = description }
}
