// SPDX-License-Identifier: Apache-2.0

/// Why a written state cannot be read, or a state cannot be written.
public enum ArchiveError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The bytes end before the state does.
  case truncated
  /// The bytes go on after the state.
  case trailingBytes(Int)
  /// What is there is not what the reader looks for: the state is another type's, or the same
  /// type's of another version of the program.
  case unexpectedLayout(of: String)
  /// A value that its type does not have.
  case invalidValue(String)
  /// A part that knows no way to write down its state.
  case unsupported(String)

  /// One line for people.
  public var description: String {
    switch self {
    case .truncated: "the state ends too early"
    case .trailingBytes(let count): "\(count) bytes follow the state"
    case .unexpectedLayout(let type):
      "the state of \(type) has another layout: it was written by another version"
    case .invalidValue(let what): "invalid value: \(what)"
    case .unsupported(let part): "\(part) cannot be saved in a checkpoint"
    }
  }
}
