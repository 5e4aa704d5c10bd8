// SPDX-License-Identifier: Apache-2.0

/// What can go wrong with a learned model: its data, its file or the library behind it.
public struct LearnedModelError: Error, Equatable, CustomStringConvertible {
  /// The kind of failure, for a caller that reacts to it.
  public enum Code: Sendable, Equatable {
    /// The boosting library refused a call; the message is its own.
    case library
    /// The training data can't be learned from (too short, wrong shape).
    case trainingData
    /// A model file or byte sequence is not what its format says.
    case format
    /// A model file is of another kind or version, or lacks an entry.
    case content
    /// A file could not be read or written.
    case file
  }

  /// The kind of failure.
  public let code: Code
  /// Where: a file path, a tensor or key name, or the name of the failing call.
  public let location: String
  /// What was found and what was expected.
  public let message: String

  /// An error.
  public init(_ code: Code, at location: String, _ message: String) {
    self.code = code
    self.location = location
    self.message = message
  }

  /// One line for a person.
  public var description: String { "\(location): \(message)" }
}
