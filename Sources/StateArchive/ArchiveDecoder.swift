// SPDX-License-Identifier: Apache-2.0

/// Reads what ``ArchiveEncoder`` has written. Never reads beyond the end, whatever the bytes are.
final class ArchiveDecoder: Decoder {
  let bytes: [UInt8]
  private var position = 0
  var layout = Layout()
  var userInfo: [CodingUserInfoKey: Any] = [:]
  var codingPath: [any CodingKey] { [] }

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Bytes not yet read.
  var remaining: Int { bytes.count - position }

  /// Goes `count` bytes on, and returns where they begin.
  func take(_ count: Int) throws(ArchiveError) -> Int {
    guard count <= remaining else { throw .truncated }
    defer { position += count }
    return position
  }

  /// Goes back to read something again.
  func back(_ count: Int) { position -= count }

  func read<Value: Decodable>(_ type: Value.Type) throws -> Value {
    if let list = type as? any PlainList.Type, let value = try list.read(from: self) as? Value {
      return value
    }
    return try Value(from: self)
  }

  func readText() throws(ArchiveError) -> String {
    let count = try readCount(bytesPerItem: 1)
    let start = try take(count)
    guard let text = String(validating: bytes[start..<start + count], as: UTF8.self) else {
      throw .invalidValue("text that is not UTF-8")
    }
    return text
  }

  /// 0 or 1.
  func readFlag() throws(ArchiveError) -> Bool {
    let byte: UInt8 = try readNumber()
    guard byte <= 1 else { throw .invalidValue("\(byte) for true or false") }
    return byte == 1
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(KeyedReader<Key>(decoder: self))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try ListReader(decoder: self)
  }
  func singleValueContainer() -> any SingleValueDecodingContainer { ValueReader(decoder: self) }
}

private struct KeyedReader<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: ArchiveDecoder
  var codingPath: [any CodingKey] { [] }

  /// The case that comes next: only enumerations with associated values ask.
  var allKeys: [Key] {
    let before = decoder.remaining
    let name = try? decoder.readText()
    decoder.back(before - decoder.remaining)
    return name.flatMap { Key(stringValue: $0) }.map { [$0] } ?? []
  }

  private func number<Number: PlainNumber>(_ key: Key) throws -> Number {
    decoder.layout.meet(key.stringValue)
    return try decoder.readNumber()
  }

  func contains(_ key: Key) -> Bool { true }
  func decodeNil(forKey key: Key) throws -> Bool { try decoder.readFlag() == false }
  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
    decoder.layout.meet(key.stringValue)
    return try decoder.readFlag()
  }
  func decode(_ type: String.Type, forKey key: Key) throws -> String {
    decoder.layout.meet(key.stringValue)
    return try decoder.readText()
  }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try number(key) }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try number(key) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try number(key) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try number(key) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try number(key) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try number(key) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try number(key) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try number(key) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try number(key) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try number(key) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try number(key) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try number(key) }
  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    decoder.layout.meet(key.stringValue)
    return try decoder.read(type)
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws
    -> KeyedDecodingContainer<Nested>
  {
    let name = try decoder.readText()
    guard name == key.stringValue else { throw ArchiveError.unexpectedLayout(of: "\(Key.self)") }
    return KeyedDecodingContainer(KeyedReader<Nested>(decoder: decoder))
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try ListReader(decoder: decoder)
  }
  func superDecoder() -> any Decoder { decoder }
  func superDecoder(forKey key: Key) -> any Decoder { decoder }
}

private struct ListReader: UnkeyedDecodingContainer {
  let decoder: ArchiveDecoder
  let count: Int?
  private(set) var currentIndex = 0
  var codingPath: [any CodingKey] { [] }

  init(decoder: ArchiveDecoder) throws(ArchiveError) {
    self.decoder = decoder
    // An element can be empty (a struct without members), so this bounds nothing by itself; the
    // elements that have bytes are checked one by one.
    let count: Int = try decoder.readNumber()
    guard count >= 0, count <= decoder.bytes.count else { throw .truncated }
    self.count = count
  }

  var isAtEnd: Bool { currentIndex >= count ?? 0 }

  private mutating func next() throws(ArchiveError) {
    guard !isAtEnd else { throw .truncated }
    currentIndex += 1
  }

  mutating func decodeNil() throws -> Bool {
    let isNil = try decoder.readFlag() == false
    if isNil { try next() } else { decoder.back(1) }
    return isNil
  }
  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try next()
    return try decoder.read(type)
  }
  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws
    -> KeyedDecodingContainer<Nested>
  {
    try next()
    return KeyedDecodingContainer(KeyedReader<Nested>(decoder: decoder))
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next()
    return try ListReader(decoder: decoder)
  }
  mutating func superDecoder() -> any Decoder { decoder }
}

private struct ValueReader: SingleValueDecodingContainer {
  let decoder: ArchiveDecoder
  var codingPath: [any CodingKey] { [] }

  private func number<Number: PlainNumber>() throws(ArchiveError) -> Number {
    try begin()
    return try decoder.readNumber()
  }

  private func begin() throws(ArchiveError) {
    guard try decoder.readFlag() else { throw .invalidValue("nil for a value") }
  }

  func decodeNil() -> Bool {
    guard let isValue = try? decoder.readFlag() else { return false }
    if isValue { decoder.back(1) }
    return !isValue
  }
  func decode(_ type: Bool.Type) throws -> Bool {
    try begin()
    return try decoder.readFlag()
  }
  func decode(_ type: String.Type) throws -> String {
    try begin()
    return try decoder.readText()
  }
  func decode(_ type: Double.Type) throws -> Double { try number() }
  func decode(_ type: Float.Type) throws -> Float { try number() }
  func decode(_ type: Int.Type) throws -> Int { try number() }
  func decode(_ type: Int8.Type) throws -> Int8 { try number() }
  func decode(_ type: Int16.Type) throws -> Int16 { try number() }
  func decode(_ type: Int32.Type) throws -> Int32 { try number() }
  func decode(_ type: Int64.Type) throws -> Int64 { try number() }
  func decode(_ type: UInt.Type) throws -> UInt { try number() }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try number() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try number() }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try number() }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try number() }
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try begin()
    return try decoder.read(type)
  }
}
