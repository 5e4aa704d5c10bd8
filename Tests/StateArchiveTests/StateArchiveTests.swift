// SPDX-License-Identifier: Apache-2.0
import StateArchive
import Testing

private enum Shape: Codable, Equatable {
  case point
  case circle(radius: Double)
  case polygon([Double], closed: Bool)
}

private enum Color: String, Codable { case red, green }

private struct Part: Codable, Equatable {
  var first: Int?
  var second: Int?
}

private struct Everything: Codable, Equatable {
  var flag: Bool
  var integers: [Int]
  var small: ContiguousArray<Int8>
  var float: Float
  var text: String
  var shape: [Shape]
  var color: Color?
  var nested: [[Float]]
  var gaps: [Double?]
  var deep: Int??
  var parts: [Part]
  var table: [UInt64: String]
  var names: [Color: Int]

  /// Something of everything.
  static let sample = Everything(
    flag: true, integers: [1, -2, .max], small: [-1, 0, 127], float: .pi, text: "Grüße 🚀",
    shape: [.point, .circle(radius: -0.0), .polygon([1, .infinity], closed: false)],
    color: .green, nested: [[], [1], [2, 3]], gaps: [nil, 1, nil, .nan], deep: .some(nil),
    parts: [
      Part(first: nil, second: nil), Part(first: 1, second: nil), Part(first: nil, second: 2),
    ], table: [7: "seven", .max: ""], names: [.red: 3, .green: 4])
}

private func written<Value: Codable>(_ value: Value) throws -> [UInt8] {
  try StateArchive.bytes(of: value)
}

private func read<Value: Codable>(_ bytes: [UInt8], into value: Value) throws -> Value {
  var archive = StateArchive(reading: bytes)
  var value = value
  try archive.state(&value)
  try archive.finish()
  return value
}

@Suite struct StateArchiveTests {
  @Test func aValueComesBackWhateverItHolds() throws {
    var empty = Everything.sample
    empty.flag = false
    empty.integers = []
    empty.shape = []
    empty.parts = []
    empty.deep = nil
    empty.gaps = [2]
    let back = try read(try written(Everything.sample), into: empty)
    // NaN is no equal of itself.
    #expect(back.gaps[3]?.isNaN == true)
    var comparable = back
    comparable.gaps[3] = 0
    var expected = Everything.sample
    expected.gaps[3] = 0
    #expect(comparable == expected)
  }

  @Test func oneValueNeedsNoArchive() throws {
    let bytes = try StateArchive.bytes(of: [1, 2])
    #expect(try StateArchive.value([Int].self, from: bytes) == [1, 2])
    #expect(throws: ArchiveError.trailingBytes(1)) {
      try StateArchive.value([Int].self, from: bytes + [0])
    }
    #expect(throws: ArchiveError.truncated) { try StateArchive.value([Int].self, from: []) }
  }

  @Test(arguments: [
    0, -0.0, Double.nan, -Double.nan, .signalingNaN, .infinity, -.infinity, .leastNonzeroMagnitude,
    0.1, Double(nan: 17, signaling: false),
  ])
  func aNumberKeepsAllItsBits(number: Double) throws {
    let alone = try read(try written(number), into: 1.0)
    let listed = try read(try written([number, 2]), into: [Double]())
    let optional = try read(try written([Double?.some(number)]), into: [Double?]())
    #expect(alone.bitPattern == number.bitPattern)
    #expect(listed[0].bitPattern == number.bitPattern)
    #expect(optional[0]?.bitPattern == number.bitPattern)
  }

  @Test func aMissingLastMemberIsNotTakenFromTheNextElement() throws {
    let parts = [Part(first: 1, second: nil), Part(first: nil, second: 2)]
    #expect(try read(try written(parts), into: []) == parts)
  }

  @Test func whatEndsTooEarlyOrTooLateIsNoticed() throws {
    let bytes = try written(Everything.sample)
    for length in 0..<bytes.count {
      #expect(throws: (any Error).self) {
        try read(Array(bytes[..<length]), into: Everything.sample)
      }
    }
    #expect(throws: ArchiveError.trailingBytes(1)) {
      try read(bytes + [0], into: Everything.sample)
    }
  }

  /// Without a checksum not every change can be noticed; none may trap.
  @Test func noChangedByteTraps() throws {
    let bytes = try written(Everything.sample)
    var noticed = 0
    var different = 0
    for place in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[place] ^= 1 << UInt8(bit)
        guard let value = try? read(changed, into: Everything.sample) else {
          noticed += 1
          continue
        }
        if value.integers != Everything.sample.integers { different += 1 }
      }
    }
    // Lengths and layouts are noticed; each bit of a whole number that changes changes the number.
    #expect(noticed > 0)
    #expect(different >= 3 * Int.bitWidth)
  }

  private struct Old: Codable {
    var width = 1.0
    var height = 2.0
  }
  private struct New: Codable {
    var height = 1.0
    var width = 2.0
  }

  @Test func anotherOrderOfMembersIsNoticed() throws {
    let bytes = try written(Old())
    #expect(throws: ArchiveError.unexpectedLayout(of: "New")) { try read(bytes, into: New()) }
  }

  private struct Silent: Archivable {}
  private struct Plain: Archivable, Codable, Equatable { var count = 0 }

  @Test func aPartThatSaysNothingIsRefusedByName() {
    var archive = StateArchive()
    var part: any Archivable = Silent()
    #expect(throws: ArchiveError.unsupported("Silent")) { try part.archive(&archive) }
  }

  @Test func aPartOfPlainStateIsExchanged() throws {
    var archive = StateArchive()
    var part = Plain(count: 5)
    try part.archive(&archive)
    var reader = StateArchive(reading: archive.bytes)
    var other = Plain()
    try other.archive(&reader)
    #expect(other == part)
  }

  @Test func pairsComeBack() throws {
    var archive = StateArchive()
    _ = try archive.pairs([(1, "a"), (2, "b")])
    var reader = StateArchive(reading: archive.bytes)
    let back = try reader.pairs([(0, "")])
    #expect(back.map(\.0) == [1, 2])
    #expect(back.map(\.1) == ["a", "b"])
  }
}
