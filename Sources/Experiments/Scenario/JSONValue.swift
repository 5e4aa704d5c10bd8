// SPDX-License-Identifier: Apache-2.0

/// A JSON document whose objects keep the order of their keys, so that output is stable and reads
/// in the order in which it was stated.
public indirect enum JSONValue: Sendable, Equatable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A whole number.
  case integer(Int)
  /// A number; one that is not finite is written as `null`.
  case number(Double)
  /// A text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Keys and values in order.
  case object([(key: String, value: JSONValue)])

  /// Equality by content; the order of keys counts.
  public static func == (left: JSONValue, right: JSONValue) -> Bool {
    left.text(indent: nil) == right.text(indent: nil)
  }

  /// An array of texts.
  static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }

  /// The value of a key of an object; nil for another kind of value or a key that is not there.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The document as text, two spaces a level.
  public var prettyText: String { text(indent: 0) }
  /// The document on one line.
  public var compactText: String { text(indent: nil) }

  private func text(indent: Int?) -> String {
    switch self {
    case .null: return "null"
    case .bool(let value): return String(value)
    case .integer(let value): return String(value)
    case .number(let value): return value.isFinite ? numberText(value) : "null"
    case .string(let value): return jsonQuoted(value)
    case .array(let elements):
      let parts = elements.map { $0.text(indent: indent.map { $0 + 1 }) }
      return Self.joined(parts, "[", "]", indent)
    case .object(let members):
      let colon = indent == nil ? ":" : ": "
      let parts = members.map {
        jsonQuoted($0.key) + colon + $0.value.text(indent: indent.map { $0 + 1 })
      }
      return Self.joined(parts, "{", "}", indent)
    }
  }

  private static func joined(_ parts: [String], _ open: String, _ close: String, _ indent: Int?)
    -> String
  {
    guard let indent, !parts.isEmpty else { return open + parts.joined(separator: ",") + close }
    let line = "\n" + String(repeating: "  ", count: indent)
    return open + parts.map { "\(line)  \($0)" }.joined(separator: ",") + line + close
  }
}

/// `text` as a JSON string, which is also a double-quoted YAML scalar.
package func jsonQuoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\t": result += "\\t"
    case "\r": result += "\\r"
    case _ where isEscaped(scalar):
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

/// Whether a scalar must not stand in YAML as it is: controls, line breaks, marks and
/// non-characters. All of them have at most four hexadecimal digits.
private func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x00...0x1F, 0x7F...0x9F, 0x2028...0x2029, 0xFEFF, 0xFFFE...0xFFFF: true
  default: false
  }
}

/// A number in the fewest characters that read back as the same number.
func numberText(_ value: Double) -> String {
  let text = value.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
