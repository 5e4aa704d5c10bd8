// SPDX-License-Identifier: Apache-2.0

/// A part of the configuration that state refers to. It is not saved with the state: whoever restores
/// the state gives it anew, in the decoder's `userInfo`.
@propertyWrapper
struct Given<Value: Sendable>: Sendable, Codable {
  var wrappedValue: Value

  init(wrappedValue: Value) { self.wrappedValue = wrappedValue }

  /// Under which key of `userInfo` the value is looked for.
  static var key: CodingUserInfoKey? { CodingUserInfoKey(rawValue: "Given.\(Value.self)") }

  init(from decoder: any Decoder) throws {
    guard let key = Self.key, let value = decoder.userInfo[key] as? Value else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "no \(Value.self) was given"))
    }
    wrappedValue = value
    // Formats that do not say what is where must be read in step.
    _ = try decoder.singleValueContainer().decode(Bool.self)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(true)
  }
}
