// SPDX-License-Identifier: Apache-2.0

/// Why a policy in another program could not go on.
public struct ExternalPolicyError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Whose fault it is.
  public enum Kind: Sendable, Hashable {
    /// The program said something that the protocol does not know.
    case badReply
    /// The program was not there, ended, fell silent or could not be started.
    case programFailed
  }
  /// Whose fault it is.
  public var kind: Kind
  /// The command that started the program.
  public var command: [String]
  /// Number of the program's line that is meant, from 1 (the answer to `hello`); 0 for none.
  public var reply: Int
  /// Path of the key that is meant (`commands[2].vm`); empty for none.
  public var key: String
  /// What was expected and what was found.
  public var message: String
  /// The end of what the program wrote to its standard error; may be empty.
  public var standardError = ""

  /// One line for people, and the last lines of the program's standard error below it.
  public var description: String {
    let place =
      (reply > 0 ? ", reply \(reply)" : "") + (key.isEmpty ? "" : ", \(key)")
    let program = command.isEmpty ? "" : " \"\(command.joined(separator: " "))\""
    let said = standardError.split(whereSeparator: \.isNewline).suffix(20)
    let report =
      said.isEmpty ? "" : "\nits standard error:" + said.map { "\n  | \($0)" }.joined()
    return "policy program\(program)\(place): \(message)\(report)"
  }
}

/// What is wrong with one line of the program.
package struct ReplyProblem: Error, Equatable {
  /// Path of the key; empty when the line as a whole is meant.
  package var key: String
  /// What was expected and what was found.
  package var message: String
}

/// What is wrong with the program itself.
struct ProgramProblem: Error, Equatable {
  var message: String
  var standardError = ""
}
