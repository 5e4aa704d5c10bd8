// SPDX-License-Identifier: Apache-2.0

/// Writes one line of JSON, keys in the order in which they are given.
///
/// Numbers are written with the fewest digits that read back as the same number; one that is not
/// finite becomes `null`.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  /// A line that is one object.
  static func line(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    writer.object(body)
    writer.bytes.append(UInt8(ascii: "\n"))
    return writer.bytes
  }

  mutating func object(_ body: (inout JSONWriter) -> Void) { nest("{", "}", body) }
  mutating func object(_ key: String, _ body: (inout JSONWriter) -> Void) {
    begin(key)
    nest("{", "}", body)
  }
  mutating func list(_ key: String, _ body: (inout JSONWriter) -> Void) {
    begin(key)
    nest("[", "]", body)
  }
  mutating func list<Element>(
    _ key: String, of elements: [Element], _ write: (inout JSONWriter, Element) -> Void
  ) {
    list(key) { writer in
      for element in elements { writer.object { write(&$0, element) } }
    }
  }

  mutating func member(_ key: String, _ text: String) {
    begin(key)
    value(text)
  }
  mutating func member(_ key: String, _ number: Double) {
    begin(key)
    value(number)
  }
  mutating func member(_ key: String, _ number: some BinaryInteger) {
    begin(key)
    plain(String(number))
  }
  mutating func member(_ key: String, _ flag: Bool) {
    begin(key)
    plain(flag ? "true" : "false")
  }
  mutating func member(_ key: String, _ numbers: [Double]) {
    list(key) { for number in numbers { $0.value(number) } }
  }
  mutating func member(_ key: String, _ flags: [Bool]) {
    list(key) { for flag in flags { $0.plain(flag ? "true" : "false") } }
  }
  /// Texts; nil becomes `null`.
  mutating func member(_ key: String, _ texts: [String?]) {
    list(key) { for text in texts { if let text { $0.value(text) } else { $0.plain("null") } } }
  }
  /// A key whose value is already JSON.
  mutating func member(_ key: String, json: String) {
    begin(key)
    plain(json)
  }

  private mutating func value(_ number: Double) {
    plain(number.isFinite ? number.description : "null")
  }
  private mutating func value(_ text: String) { plain(Self.quoted(text)) }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = false
  }
  private mutating func begin(_ key: String) {
    separate()
    bytes += Self.quoted(key).utf8
    bytes.append(UInt8(ascii: ":"))
  }
  private mutating func plain(_ text: String) {
    separate()
    bytes += text.utf8
    needsComma = true
  }
  private mutating func nest(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONWriter) -> Void
  ) {
    separate()
    bytes.append(UInt8(ascii: open))
    body(&self)
    bytes.append(UInt8(ascii: close))
    needsComma = true
  }

  /// `text` as a JSON string.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
