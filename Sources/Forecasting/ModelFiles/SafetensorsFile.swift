// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Named arrays and text metadata in the safetensors format, which PyTorch reads and writes.
///
/// Layout: eight bytes with the little-endian length of the header, the header (a JSON object that
/// gives each tensor's type, shape and place, and `__metadata__`, text by text), then the data
/// without gaps. Source: format description of the safetensors library, version 0.4.
/// Tensors and metadata are written in the order of their names, so equal content gives equal bytes.
public struct SafetensorsFile: Sendable, Equatable {
  /// The values of a tensor.
  public enum Values: Sendable, Equatable {
    /// 64-bit floats, `F64`.
    case double([Double])
    /// 32-bit floats, `F32`.
    case float([Float])
    /// Bytes, `U8`; documents of other formats are stored so.
    case bytes([UInt8])

    var count: Int {
      switch self {
      case .double(let values): values.count
      case .float(let values): values.count
      case .bytes(let values): values.count
      }
    }

    fileprivate var typeName: String {
      switch self {
      case .double: "F64"
      case .float: "F32"
      case .bytes: "U8"
      }
    }
  }

  /// A named array.
  public struct Tensor: Sendable, Equatable {
    /// Lengths of the axes; row-major.
    public let shape: [Int]
    /// The values, as many as the product of `shape`.
    public let values: Values

    /// A tensor.
    ///
    /// - Precondition: `shape` and the number of values agree.
    public init(shape: [Int], values: Values) {
      precondition(shape.reduce(1, *) == values.count, "\(values.count) values in \(shape)")
      self.shape = shape
      self.values = values
    }
  }

  /// Tensors by name.
  public var tensors: [String: Tensor]
  /// Free text by key; see ``ModelHeader`` for what this project puts there.
  public var metadata: [String: String]

  /// A file's content.
  public init(tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  // MARK: - Writing

  /// The content as the bytes of a file.
  public func bytes() -> [UInt8] {
    var header: [String: HeaderEntry] = [:]
    var data: [UInt8] = []
    for name in tensors.keys.sorted() {
      guard let tensor = tensors[name] else { continue }
      let start = data.count
      Self.append(tensor.values, to: &data)
      header[name] = .tensor(
        Entry(dtype: tensor.values.typeName, shape: tensor.shape, offsets: [start, data.count]))
    }
    if !metadata.isEmpty { header[Self.metadataKey] = .metadata(metadata) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Text, integers and arrays of them can always be encoded.
    var text = (try? encoder.encode(header)).map { [UInt8]($0) } ?? []
    // Spaces are allowed at the end of the header; they align the data to eight bytes.
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    var result: [UInt8] = []
    result.reserveCapacity(8 + text.count + data.count)
    Self.append(UInt64(text.count), to: &result)
    return result + text + data
  }

  private static func append(_ values: Values, to data: inout [UInt8]) {
    switch values {
    case .double(let numbers): for number in numbers { append(number.bitPattern, to: &data) }
    case .float(let numbers): for number in numbers { append(number.bitPattern, to: &data) }
    case .bytes(let bytes): data += bytes
    }
  }

  private static func append(_ word: some FixedWidthInteger, to data: inout [UInt8]) {
    withUnsafeBytes(of: word.littleEndian) { data += $0 }
  }

  // MARK: - Reading

  /// The content of a file's bytes.
  ///
  /// - Throws: ``LearnedModelError`` with the tensor and what was expected when the bytes are no
  ///   such file, or hold a type other than F64, F32 and U8.
  public init(bytes: [UInt8]) throws(LearnedModelError) {
    guard bytes.count >= 8 else {
      throw LearnedModelError(
        .format, at: "header length", "expected 8 bytes, found \(bytes.count)")
    }
    let length = bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8) else {
      throw LearnedModelError(
        .format, at: "header length", "\(length) bytes are more than the file has left")
    }
    let headerEnd = 8 + Int(length)
    let header: [String: HeaderEntry]
    do {
      header = try JSONDecoder().decode(
        [String: HeaderEntry].self, from: Data(bytes[8..<headerEnd]))
    } catch {
      throw LearnedModelError(.format, at: "header", "expected a JSON object of tensors: \(error)")
    }
    tensors = [:]
    metadata = [:]
    let data = bytes[headerEnd...]
    for name in header.keys.sorted() {
      switch header[name] {
      case .tensor(let entry):
        tensors[name] = try Self.tensor(entry, name: name, data: data)
      case .metadata(let texts):
        guard name == Self.metadataKey else {
          throw LearnedModelError(.format, at: name, "expected dtype, shape and data_offsets")
        }
        metadata = texts
      case nil: break
      }
    }
  }

  private static func tensor(
    _ entry: Entry, name: String, data: ArraySlice<UInt8>
  ) throws(LearnedModelError) -> Tensor {
    guard let width = ["F64": 8, "F32": 4, "U8": 1][entry.dtype] else {
      throw LearnedModelError(
        .format, at: name, "type \(entry.dtype) is none of F64, F32, U8")
    }
    guard entry.offsets.count == 2, entry.offsets[0] >= 0,
      entry.offsets[0] <= entry.offsets[1], entry.offsets[1] <= data.count
    else {
      throw LearnedModelError(
        .format, at: name,
        "offsets \(entry.offsets) are outside the \(data.count) bytes of data")
    }
    let byteCount = entry.offsets[1] - entry.offsets[0]
    guard let count = product(entry.shape), byteCount % width == 0, byteCount / width == count
    else {
      throw LearnedModelError(
        .format, at: name, "shape \(entry.shape) does not fit \(byteCount) bytes of \(entry.dtype)")
    }
    let start = data.startIndex + entry.offsets[0]
    let part = data[start..<start + byteCount]
    let values: Values =
      switch entry.dtype {
      case "F64": .double(words(part, UInt64.self).map { Double(bitPattern: $0) })
      case "F32": .float(words(part, UInt32.self).map { Float(bitPattern: $0) })
      default: .bytes(Array(part))
      }
    return Tensor(shape: entry.shape, values: values)
  }

  /// The product of axis lengths, or nil when one is negative or the product overflows.
  private static func product(_ shape: [Int]) -> Int? {
    var result = 1
    for length in shape {
      let (product, overflow) = result.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow else { return nil }
      result = product
    }
    return result
  }

  /// Little-endian words, whatever the alignment of the bytes.
  private static func words<Word: FixedWidthInteger>(
    _ bytes: ArraySlice<UInt8>, _ type: Word.Type
  ) -> [Word] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / MemoryLayout<Word>.size).map {
        Word(
          littleEndian: raw.loadUnaligned(
            fromByteOffset: $0 * MemoryLayout<Word>.size, as: Word.self))
      }
    }
  }

  private static let metadataKey = "__metadata__"

  private struct Entry: Codable {
    let dtype: String
    let shape: [Int]
    let offsets: [Int]
    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  private enum HeaderEntry: Codable {
    case tensor(Entry)
    case metadata([String: String])

    init(from decoder: any Decoder) throws {
      do {
        self = .tensor(try Entry(from: decoder))
      } catch {
        self = .metadata(try [String: String](from: decoder))
      }
    }

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .tensor(let entry): try entry.encode(to: encoder)
      case .metadata(let texts): try texts.encode(to: encoder)
      }
    }
  }
}
