// SPDX-License-Identifier: Apache-2.0

/// A number of fixed size, all of whose bit patterns are values.
protocol PlainNumber: BitwiseCopyable {}

extension Double: PlainNumber {}
extension Float: PlainNumber {}
extension Int: PlainNumber {}
extension Int8: PlainNumber {}
extension Int16: PlainNumber {}
extension Int32: PlainNumber {}
extension Int64: PlainNumber {}
extension UInt: PlainNumber {}
extension UInt8: PlainNumber {}
extension UInt16: PlainNumber {}
extension UInt32: PlainNumber {}
extension UInt64: PlainNumber {}

/// A list of numbers, which is copied as one block: states are mostly these.
protocol PlainList {
  func write(to encoder: ArchiveEncoder)
  static func read(from decoder: ArchiveDecoder) throws -> Self
}

extension Array: PlainList where Element: PlainNumber {
  func write(to encoder: ArchiveEncoder) {
    withUnsafeBytes { encoder.write(block: $0, count: count) }
  }

  static func read(from decoder: ArchiveDecoder) throws -> [Element] {
    try Array(decoder.readBlock(of: Element.self))
  }
}

extension ContiguousArray: PlainList where Element: PlainNumber {
  func write(to encoder: ArchiveEncoder) {
    withUnsafeBytes { encoder.write(block: $0, count: count) }
  }

  static func read(from decoder: ArchiveDecoder) throws -> ContiguousArray<Element> {
    try decoder.readBlock(of: Element.self)
  }
}

extension ArchiveEncoder {
  func write<Number: PlainNumber>(number: Number) {
    withUnsafeBytes(of: number) { bytes.append(contentsOf: $0) }
  }

  func write(block: UnsafeRawBufferPointer, count: Int) {
    write(number: count)
    bytes.append(contentsOf: block)
  }
}

extension ArchiveDecoder {
  func readNumber<Number: PlainNumber>(_ type: Number.Type = Number.self) throws(ArchiveError)
    -> Number
  {
    let size = MemoryLayout<Number>.size
    let start = try take(size)
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: Number.self) }
  }

  /// A count of items, each of which takes at least `bytesPerItem`; never more than there can be.
  func readCount(bytesPerItem: Int) throws(ArchiveError) -> Int {
    let count: Int = try readNumber()
    guard count >= 0, count <= remaining / bytesPerItem else { throw .truncated }
    return count
  }

  func readBlock<Number: PlainNumber>(of type: Number.Type) throws -> ContiguousArray<Number> {
    let size = MemoryLayout<Number>.stride
    let count = try readCount(bytesPerItem: size)
    let start = try take(count * size)
    return ContiguousArray(unsafeUninitializedCapacity: count) { buffer, initializedCount in
      bytes.withUnsafeBytes { all in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: all[start..<start + count * size]))
      }
      initializedCount = count
    }
  }
}
