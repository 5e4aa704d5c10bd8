// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Foundation
import Testing

@Suite("Safetensors files")
struct SafetensorsFileTests {
  /// Written by the safetensors library 0.8 for Python:
  /// `save({"b": float32 [[1.5, -2]], "a": float64 [3], "raw": uint8 [7, 8, 9]}, {"k": "v"})`.
  static let oracle: [UInt8] =
    [192, 0, 0, 0, 0, 0, 0, 0]
    + Array(
      #"{"__metadata__":{"k":"v"},"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"#.utf8)
    + Array(#""b":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},"#.utf8)
    + Array(#""raw":{"dtype":"U8","shape":[3],"data_offsets":[16,19]}} "#.utf8)
    + [0, 0, 0, 0, 0, 0, 8, 64, 0, 0, 192, 63, 0, 0, 0, 192, 7, 8, 9]

  static let content = SafetensorsFile(
    tensors: [
      "b": .init(shape: [1, 2], values: .float([1.5, -2])),
      "a": .init(shape: [1], values: .double([3])),
      "raw": .init(shape: [3], values: .bytes([7, 8, 9])),
    ],
    metadata: ["k": "v"])

  @Test("The library's own bytes are read")
  func readsOracle() throws {
    #expect(try SafetensorsFile(bytes: Self.oracle) == Self.content)
  }

  @Test("Writing and reading gives the same content, and the same bytes each time")
  func roundTrip() throws {
    let bytes = Self.content.bytes()
    #expect(try SafetensorsFile(bytes: bytes) == Self.content)
    #expect(bytes == Self.content.bytes())
    // The data follow without gaps, aligned to eight bytes.
    #expect(bytes.count == Self.oracle.count + 8 * ((bytes.count - Self.oracle.count) / 8))
    #expect(bytes.suffix(19) == Self.oracle.suffix(19))
    #expect(bytes[0] % 8 == 0)
  }

  @Test("An empty file and special numbers survive")
  func specialContent() throws {
    let empty = SafetensorsFile()
    #expect(try SafetensorsFile(bytes: empty.bytes()) == empty)
    let numbers = SafetensorsFile(tensors: [
      "x": .init(
        shape: [2, 2], values: .double([.infinity, -0.0, .leastNonzeroMagnitude, 1e308])),
      "none": .init(shape: [0, 3], values: .float([])),
      "scalar": .init(shape: [], values: .float([2])),
    ])
    #expect(try SafetensorsFile(bytes: numbers.bytes()) == numbers)
  }

  static func file(_ header: String, data: [UInt8] = []) -> [UInt8] {
    let length = UInt8(header.utf8.count)
    return [length, 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + data
  }

  static let damaged: [(name: String, bytes: [UInt8])] = [
    ("nothing", []),
    ("half a length", [1, 0, 0]),
    ("a length beyond the end", [255, 255, 255, 255, 255, 255, 255, 127, 1]),
    ("no JSON", file("{")),
    ("JSON of another kind", file("[1]")),
    (
      "an unknown type",
      file(#"{"x":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}"#, data: [0, 0])
    ),
    ("offsets beyond the end", file(#"{"x":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}"#)),
    (
      "offsets backwards",
      file(#"{"x":{"dtype":"U8","shape":[0],"data_offsets":[1,0]}}"#, data: [0])
    ),
    (
      "negative offsets",
      file(#"{"x":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}"#, data: [0])
    ),
    (
      "a shape that does not fit",
      file(#"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, data: [0, 0, 0, 0])
    ),
    (
      "a negative shape",
      file(#"{"x":{"dtype":"U8","shape":[-1,-1],"data_offsets":[0,1]}}"#, data: [0])
    ),
    (
      "an overflowing shape",
      file(
        #"{"x":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#)
    ),
    ("metadata under another name", file(#"{"x":{"k":"v"}}"#)),
  ]

  @Test("Damaged files are refused", arguments: damaged.map(\.name))
  func refusesDamage(name: String) throws {
    let bytes = try #require(Self.damaged.first { $0.name == name }).bytes
    #expect(throws: LearnedModelError.self) { try SafetensorsFile(bytes: bytes) }
  }

  @Test("A truncated file is refused at every length")
  func truncation() {
    for length in 0..<Self.oracle.count {
      #expect(throws: LearnedModelError.self) {
        try SafetensorsFile(bytes: Array(Self.oracle.prefix(length)))
      }
    }
  }
}

@Suite("Model registry")
struct ModelRegistryTests {
  static func temporaryFolder() -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("foreshadow-registry-\(UUID().uuidString)").path
  }

  @Test("Models are written, listed in order, read and replaced")
  func lifeCycle() throws {
    let registry = ModelRegistry(folder: Self.temporaryFolder())
    defer { try? FileManager.default.removeItem(atPath: registry.folder) }
    #expect(try registry.names().isEmpty)
    try registry.write(SafetensorsFileTests.content, name: "web-b")
    try registry.write(SafetensorsFile(), name: "db.a")
    try Data().write(to: URL(fileURLWithPath: "\(registry.folder)/notes.txt"))
    #expect(try registry.names() == ["db.a", "web-b"])
    #expect(try registry.read("web-b") == SafetensorsFileTests.content)
    try registry.write(SafetensorsFile(), name: "web-b")
    #expect(try registry.read("web-b") == SafetensorsFile())
  }

  @Test("A missing model names the nearest one")
  func missing() throws {
    let registry = ModelRegistry(folder: Self.temporaryFolder())
    defer { try? FileManager.default.removeItem(atPath: registry.folder) }
    try registry.write(SafetensorsFile(), name: "database")
    let error = #expect(throws: LearnedModelError.self) { try registry.read("databse") }
    #expect(error?.message.contains("database") == true)
    #expect(error?.code == .file)
  }

  @Test("Names that leave the folder are refused", arguments: ["", ".hidden", "a/b", "../x", "ä"])
  func badNames(name: String) {
    let registry = ModelRegistry(folder: Self.temporaryFolder())
    #expect(throws: LearnedModelError.self) {
      try registry.write(SafetensorsFile(), name: name)
    }
    #expect(throws: LearnedModelError.self) { try registry.read(name) }
  }

  @Test("A damaged file is named in the error")
  func damaged() throws {
    let registry = ModelRegistry(folder: Self.temporaryFolder())
    defer { try? FileManager.default.removeItem(atPath: registry.folder) }
    try registry.write(SafetensorsFile(), name: "x")
    try Data([1, 2]).write(to: URL(fileURLWithPath: "\(registry.folder)/x.safetensors"))
    let error = #expect(throws: LearnedModelError.self) { try registry.read("x") }
    #expect(error?.location.contains("x.safetensors") == true)
  }

  @Test("A file of another kind, version or without a header is refused")
  func contentErrors() throws {
    let none = SafetensorsFile()
    #expect(throws: LearnedModelError.self) { try ModelHeader(of: none, kinds: ["lstm"]) }
    for text in ["{", #"{"kind":"lstm"}"#] {
      let file = SafetensorsFile(metadata: ["foreshadow": text])
      #expect(throws: LearnedModelError.self) { try ModelHeader(of: file, kinds: ["lstm"]) }
    }
    #expect(throws: LearnedModelError.self) {
      try LSTMForecaster(file: SafetensorsFileTests.content, scales: [1])
    }
  }
}
