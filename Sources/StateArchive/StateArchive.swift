// SPDX-License-Identifier: Apache-2.0

/// A part of a running simulation whose state can be written down, and put into a fresh copy of it.
///
/// What follows from the configuration (sizes, parameters, trained models) is not part of the state:
/// whoever restores a part makes it anew from the same configuration first. So the archive needs no
/// registry of types, and no handle of a C library ever goes into a file.
///
/// ```swift
/// extension Counter: Archivable {
///   mutating func archive(_ archive: inout StateArchive) throws {
///     try archive.state(&count)      // a value, Codable
///     try archive.part(&detector)    // a part of its own
///   }
/// }
/// ```
/// One list of members serves both directions, so that they cannot differ.
public protocol Archivable {
  /// Exchanges the state with the archive: writes it, or replaces it by what was written.
  ///
  /// - Throws: ``ArchiveError``; what a member's `Codable` throws.
  mutating func archive(_ archive: inout StateArchive) throws
}

extension Archivable {
  /// Refuses by name: what parts inherit that say nothing of their state.
  ///
  /// - Throws: ``ArchiveError/unsupported(_:)``.
  public mutating func archive(_ archive: inout StateArchive) throws {
    throw ArchiveError.unsupported("\(Self.self)")
  }
}

extension Archivable where Self: Codable {
  /// Exchanges all of the value: what parts inherit that are nothing but state.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&self)
  }
}

/// Bytes to which a state is written, or from which it is read, in one fixed order.
///
/// Numbers are stored with all of their bits, so infinities, NaNs and signs of zero survive. After
/// each value stands a hash of the names of its members: reading by another version of the program
/// is noticed. Numbers are little-endian, as on all machines this builds for.
public struct StateArchive {
  private let writer: ArchiveEncoder?
  private let reader: ArchiveDecoder?

  /// An empty archive to write to.
  public init() {
    writer = ArchiveEncoder()
    reader = nil
  }

  /// An archive to read from.
  public init(reading bytes: [UInt8]) {
    writer = nil
    reader = ArchiveDecoder(bytes)
  }

  /// The bytes of one value.
  ///
  /// - Throws: what the value's `Codable` throws.
  public static func bytes<Value: Codable>(of value: Value) throws -> [UInt8] {
    var archive = StateArchive()
    var value = value
    try archive.state(&value)
    return archive.bytes
  }

  /// The value of bytes that ``bytes(of:)`` gave.
  ///
  /// - Throws: ``ArchiveError``; what the value's `Codable` throws.
  public static func value<Value: Codable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value
  {
    let archive = StateArchive(reading: bytes)
    let value = try archive.readState(type, given: [:])
    try archive.finish()
    return value
  }

  /// Whether values are replaced by what was written.
  public var isReading: Bool { reader != nil }

  /// What has been written so far; empty for an archive that is read.
  public var bytes: [UInt8] { writer?.bytes ?? [] }

  /// Exchanges a value.
  ///
  /// - Parameters:
  ///   - value: Is written, or replaced.
  ///   - configuration: What the value refers to and does not hold, for its decoder's `userInfo`.
  /// - Throws: ``ArchiveError``; what the value's own `Codable` throws.
  public mutating func state<Value: Codable>(
    _ value: inout Value, given configuration: [CodingUserInfoKey: any Sendable] = [:]
  ) throws {
    if let writer {
      writer.layout = Layout()
      try writer.write(value)
      writer.write(number: writer.layout.hash)
    } else {
      value = try readState(Value.self, given: configuration)
    }
  }

  private func readState<Value: Decodable>(
    _ type: Value.Type, given configuration: [CodingUserInfoKey: any Sendable]
  ) throws -> Value {
    guard let reader else { throw ArchiveError.truncated }
    reader.layout = Layout()
    reader.userInfo = configuration
    let value = try reader.read(type)
    let hash: UInt64 = try reader.readNumber()
    guard hash == reader.layout.hash else { throw ArchiveError.unexpectedLayout(of: "\(type)") }
    return value
  }

  /// Exchanges a part. (To call the part's `archive(_:)` one must import its module, or the refusal
  /// that all parts inherit is what is found; this always finds the part's own.)
  ///
  /// - Throws: ``ArchiveError``; what the part throws.
  public mutating func part<Part: Archivable>(_ part: inout Part) throws {
    try part.archive(&self)
  }

  /// Exchanges the parts of a list, whose number follows from the configuration.
  ///
  /// - Throws: ``ArchiveError``; what a part throws.
  public mutating func parts<Parts: MutableCollection>(_ parts: inout Parts) throws
  where Parts.Element: Archivable {
    for index in parts.indices { try parts[index].archive(&self) }
  }

  /// Exchanges a list of pairs.
  ///
  /// - Returns: `pairs`, or what was written.
  /// - Throws: as ``state(_:given:)``.
  public mutating func pairs<First: Codable, Second: Codable>(
    _ pairs: [(First, Second)]
  ) throws -> [(First, Second)] {
    var (firsts, seconds) = (pairs.map(\.0), pairs.map(\.1))
    try state(&firsts)
    try state(&seconds)
    return Array(zip(firsts, seconds))
  }

  /// States that the whole archive has been read.
  ///
  /// - Throws: ``ArchiveError/trailingBytes(_:)`` if it has not.
  public func finish() throws(ArchiveError) {
    guard let reader, reader.remaining > 0 else { return }
    throw .trailingBytes(reader.remaining)
  }
}

/// A hash (64-bit FNV-1a) of the names that a value's coding has met.
struct Layout {
  private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func meet(_ name: String) {
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    hash = (hash ^ 0xFF) &* 0x0000_0100_0000_01B3
  }
}
