// SPDX-License-Identifier: Apache-2.0

/// Why a trace could not be read: where, what was expected there, and what was found.
public struct TraceError: Error, Equatable, Sendable {
  /// The file or folder, as it was given.
  public var file: String
  /// Line in the file, counted from 1; nil when the problem is not on one line.
  public var line: Int?
  /// Name of the field, column or option; nil when the problem is not with one.
  public var field: String?
  /// What would have been right, as the end of "expected …".
  public var expected: String
  /// What stood there instead, as the end of "found …".
  public var found: String

  /// An error.
  public init(
    file: String, line: Int? = nil, field: String? = nil, expected: String, found: String
  ) {
    self.file = file
    self.line = line
    self.field = field
    self.expected = expected
    self.found = found
  }

  /// Text from a file as it can be shown: printable, quoted, at most 40 characters.
  static func quoted(_ bytes: some Collection<UInt8>) -> String {
    var text = "\""
    for byte in bytes.prefix(40) {
      switch byte {
      case 0x22, 0x5C: text += "\\\(Character(UnicodeScalar(byte)))"
      case 0x20..<0x7F: text.append(Character(UnicodeScalar(byte)))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        text += "\\x" + (digits.count < 2 ? "0" : "") + digits
      }
    }
    return text + (bytes.count > 40 ? "…\"" : "\"")
  }
}

extension TraceError: CustomStringConvertible {
  /// `file:line: field: expected X, found Y`.
  public var description: String {
    var text = file
    if let line { text += ":\(line)" }
    if let field { text += ": \(field)" }
    return text + ": expected \(expected), found \(found)"
  }
}
