// SPDX-License-Identifier: Apache-2.0

/// Writes `Codable` values as bytes in the order of their members, without names.
///
/// - A member that may be missing is preceded by 0 or 1.
/// - A value in a single-value container is preceded by 1; 0 stands for nil.
/// - A list is preceded by the number of its elements.
/// - The case of an enumeration with associated values is written by its name.
final class ArchiveEncoder: Encoder {
  var bytes: [UInt8] = []
  var layout = Layout()
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func write<Value: Encodable>(_ value: Value) throws {
    if let list = value as? any PlainList {
      list.write(to: self)
    } else {
      try value.encode(to: self)
    }
  }

  func write(text: String) {
    var text = text
    text.withUTF8 { write(block: UnsafeRawBufferPointer($0), count: $0.count) }
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(KeyedWriter<Key>(encoder: self))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer { ListWriter(encoder: self) }
  func singleValueContainer() -> any SingleValueEncodingContainer { ValueWriter(encoder: self) }
}

private struct KeyedWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: ArchiveEncoder
  var codingPath: [any CodingKey] { [] }

  private func number<Number: PlainNumber>(_ value: Number, _ key: Key) {
    encoder.layout.meet(key.stringValue)
    encoder.write(number: value)
  }

  /// Writes whether there is a value.
  private func stated<Value>(_ value: Value?) -> Value? {
    encoder.write(number: UInt8(value == nil ? 0 : 1))
    return value
  }

  func encodeNil(forKey key: Key) { encoder.write(number: UInt8(0)) }
  func encode(_ value: Bool, forKey key: Key) { number(UInt8(value ? 1 : 0), key) }
  func encode(_ value: String, forKey key: Key) {
    encoder.layout.meet(key.stringValue)
    encoder.write(text: value)
  }
  func encode(_ value: Double, forKey key: Key) { number(value, key) }
  func encode(_ value: Float, forKey key: Key) { number(value, key) }
  func encode(_ value: Int, forKey key: Key) { number(value, key) }
  func encode(_ value: Int8, forKey key: Key) { number(value, key) }
  func encode(_ value: Int16, forKey key: Key) { number(value, key) }
  func encode(_ value: Int32, forKey key: Key) { number(value, key) }
  func encode(_ value: Int64, forKey key: Key) { number(value, key) }
  func encode(_ value: UInt, forKey key: Key) { number(value, key) }
  func encode(_ value: UInt8, forKey key: Key) { number(value, key) }
  func encode(_ value: UInt16, forKey key: Key) { number(value, key) }
  func encode(_ value: UInt32, forKey key: Key) { number(value, key) }
  func encode(_ value: UInt64, forKey key: Key) { number(value, key) }
  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    encoder.layout.meet(key.stringValue)
    try encoder.write(value)
  }

  // The defaults of these write nothing for nil.
  func encodeIfPresent(_ value: Bool?, forKey key: Key) {
    if let value = stated(value) { encode(value, forKey: key) }
  }
  func encodeIfPresent(_ value: String?, forKey key: Key) {
    if let value = stated(value) { encode(value, forKey: key) }
  }
  func encodeIfPresent(_ value: Double?, forKey key: Key) {
    if let value = stated(value) { encode(value, forKey: key) }
  }
  func encodeIfPresent(_ value: Float?, forKey key: Key) {
    if let value = stated(value) { encode(value, forKey: key) }
  }
  func encodeIfPresent(_ value: Int?, forKey key: Key) {
    if let value = stated(value) { encode(value, forKey: key) }
  }
  func encodeIfPresent(_ value: Int8?, forKey key: Key) {
    if let value = stated(value) { encode(value, forKey: key) }
  }
  func encodeIfPresent(_ value: Int16?, forKey key: Key) {
    if let value = stated(value) { encode(value, forKey: key) }
  }
  func encodeIfPresent(_ value: Int32?, forKey key: Key) {
    if let value = stated(value) { encode(value, forKey: key) }
  }
  func encodeIfPresent(_ value: Int64?, forKey key: Key) {
    if let value = stated(value) { encode(value, forKey: key) }
  }
  func encodeIfPresent(_ value: UInt?, forKey key: Key) {
    if let value = stated(value) { encode(value, forKey: key) }
  }
  func encodeIfPresent(_ value: UInt8?, forKey key: Key) {
    if let value = stated(value) { encode(value, forKey: key) }
  }
  func encodeIfPresent(_ value: UInt16?, forKey key: Key) {
    if let value = stated(value) { encode(value, forKey: key) }
  }
  func encodeIfPresent(_ value: UInt32?, forKey key: Key) {
    if let value = stated(value) { encode(value, forKey: key) }
  }
  func encodeIfPresent(_ value: UInt64?, forKey key: Key) {
    if let value = stated(value) { encode(value, forKey: key) }
  }
  func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
    if let value = stated(value) { try encode(value, forKey: key) }
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key)
    -> KeyedEncodingContainer<Nested>
  {
    encoder.write(text: key.stringValue)
    return KeyedEncodingContainer(KeyedWriter<Nested>(encoder: encoder))
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    ListWriter(encoder: encoder)
  }
  func superEncoder() -> any Encoder { encoder }
  func superEncoder(forKey key: Key) -> any Encoder { encoder }
}

private struct ListWriter: UnkeyedEncodingContainer {
  let encoder: ArchiveEncoder
  /// Where the number of elements stands, which is known when the last one has been written.
  private let place: Int
  private(set) var count = 0
  var codingPath: [any CodingKey] { [] }

  init(encoder: ArchiveEncoder) {
    self.encoder = encoder
    place = encoder.bytes.count
    encoder.write(number: 0)
  }

  private mutating func next() {
    count += 1
    withUnsafeBytes(of: count) { digits in
      for (offset, digit) in digits.enumerated() { encoder.bytes[place + offset] = digit }
    }
  }

  mutating func encodeNil() {
    next()
    encoder.write(number: UInt8(0))
  }
  mutating func encode<Value: Encodable>(_ value: Value) throws {
    next()
    try encoder.write(value)
  }
  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type)
    -> KeyedEncodingContainer<Nested>
  {
    next()
    return KeyedEncodingContainer(KeyedWriter<Nested>(encoder: encoder))
  }
  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    next()
    return ListWriter(encoder: encoder)
  }
  mutating func superEncoder() -> any Encoder { encoder }
}

private struct ValueWriter: SingleValueEncodingContainer {
  let encoder: ArchiveEncoder
  var codingPath: [any CodingKey] { [] }

  private func number<Number: PlainNumber>(_ value: Number) {
    encoder.write(number: UInt8(1))
    encoder.write(number: value)
  }

  func encodeNil() { encoder.write(number: UInt8(0)) }
  func encode(_ value: Bool) { number(UInt8(value ? 1 : 0)) }
  func encode(_ value: String) {
    encoder.write(number: UInt8(1))
    encoder.write(text: value)
  }
  func encode(_ value: Double) { number(value) }
  func encode(_ value: Float) { number(value) }
  func encode(_ value: Int) { number(value) }
  func encode(_ value: Int8) { number(value) }
  func encode(_ value: Int16) { number(value) }
  func encode(_ value: Int32) { number(value) }
  func encode(_ value: Int64) { number(value) }
  func encode(_ value: UInt) { number(value) }
  func encode(_ value: UInt8) { number(value) }
  func encode(_ value: UInt16) { number(value) }
  func encode(_ value: UInt32) { number(value) }
  func encode(_ value: UInt64) { number(value) }
  func encode<Value: Encodable>(_ value: Value) throws {
    encoder.write(number: UInt8(1))
    try encoder.write(value)
  }
}
