// SPDX-License-Identifier: Apache-2.0

/// Why a checkpoint cannot be used or written.
public struct CheckpointError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of trouble it is.
  public enum Kind: Sendable, Hashable, CaseIterable {
    /// There is no such file, or it cannot be read.
    case missing
    /// The file is not a whole checkpoint.
    case damaged
    /// The checkpoint is of another run, or of another version of the program.
    case foreign
    /// Something of the run knows no way to be saved.
    case unsupported
    /// The file cannot be written.
    case unwritable
  }

  /// What kind of trouble it is.
  public var kind: Kind
  /// The file.
  public var path: String
  /// Why, in words.
  public var reason: String

  /// The file and why.
  public var description: String { "\(path): \(reason)" }
}
