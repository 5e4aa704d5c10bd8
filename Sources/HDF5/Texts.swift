// SPDX-License-Identifier: Apache-2.0
import CHDF5

/// The type of texts in files: UTF-8 of variable length, which h5py and both engines of xarray
/// read as text (fixed-length elements come out as bytes in one engine and fail in the other).
func openStringType(_ place: String) throws(HDF5Error) -> Handle {
  let operation = "make the string type"
  let type = try Handle(operation, place, closer: H5Tclose) { H5Tcopy(fs_c_string()) }
  _ = try Library.call(operation, place) { H5Tset_size(type.id, fs_variable_length()) }
  _ = try Library.call(operation, place) { H5Tset_cset(type.id, H5T_CSET_UTF8) }
  return type
}

/// A dataspace of that shape, or of one element without axes when there is none.
func makeSpace(_ shape: [Int]?, at place: String) throws(HDF5Error) -> Handle {
  try Handle("make the data space", place, closer: H5Sclose) {
    guard let shape else { return H5Screate(H5S_SCALAR) }
    return H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil)
  }
}

/// What the elements of a dataset or attribute are.
public enum ElementKind: Sendable, Hashable {
  case integer, real, text, other
}

/// The kind of elements that `type` describes.
func elementKind(of type: Handle, at place: String) throws(HDF5Error) -> ElementKind {
  let kind = try Library.call("read the type", place) { H5Tget_class(type.id).rawValue }
  switch kind {
  case H5T_INTEGER.rawValue, H5T_ENUM.rawValue: return .integer
  case H5T_FLOAT.rawValue: return .real
  case H5T_STRING.rawValue: return .text
  default: return .other
  }
}

/// Calls `body` with one C string per text, all freed afterwards.
///
/// - Throws: when a text holds a NUL, which a C string cannot.
func withCStrings<Result>(
  _ texts: [String], at place: String,
  _ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>) throws(HDF5Error) -> Result
) throws(HDF5Error) -> Result {
  var bytes: [CChar] = []
  var starts: [Int] = []
  for text in texts {
    guard !text.utf8.contains(0) else {
      throw HDF5Error(operation: "write a text", path: place, reason: "it holds a NUL character")
    }
    starts.append(bytes.count)
    bytes.append(contentsOf: text.utf8CString)
  }
  let storage = UnsafeMutablePointer<CChar>.allocate(capacity: max(1, bytes.count))
  let pointers = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: max(1, texts.count))
  defer {
    storage.deallocate()
    pointers.deallocate()
  }
  storage.initialize(from: bytes, count: bytes.count)
  for index in starts.indices {
    (pointers + index).initialize(to: UnsafePointer(storage + starts[index]))
  }
  return try body(pointers)
}

/// Reads `count` texts of either string kind; `body` makes the call with memory type and buffer.
func readTexts(
  type: Handle, count: Int, at place: String,
  _ body: (hid_t, UnsafeMutableRawPointer) -> herr_t
) throws(HDF5Error) -> [String] {
  guard count > 0 else { return [] }
  let operation = "read texts"
  let isVariable = try Library.call(operation, place) { H5Tis_variable_str(type.id) } > 0
  guard isVariable else { return try readFixedTexts(type: type, count: count, at: place, body) }
  // The charset must equal the file's: the library does not convert between them.
  let memory = try Handle(operation, place, closer: H5Tclose) { H5Tcopy(type.id) }
  let space = try makeSpace([count], at: place)
  var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
  _ = try Library.call(operation, place) {
    pointers.withUnsafeMutableBytes { buffer in
      buffer.baseAddress.map { body(memory.id, $0) } ?? -1
    }
  }
  let texts = pointers.map { $0.map { String(cString: $0) } ?? "" }
  _ = try Library.call(operation, place) {
    H5Dvlen_reclaim(memory.id, space.id, fs_default(), &pointers)
  }
  return texts
}

private func readFixedTexts(
  type: Handle, count: Int, at place: String, _ body: (hid_t, UnsafeMutableRawPointer) -> herr_t
) throws(HDF5Error) -> [String] {
  let size = try Library.call("read the type", place) { Int(H5Tget_size(type.id)) }
  var bytes = [UInt8](repeating: 0, count: size * count)
  _ = try Library.call("read texts", place) {
    bytes.withUnsafeMutableBytes { buffer in buffer.baseAddress.map { body(type.id, $0) } ?? -1 }
  }
  return (0..<count).map { index in
    let element = bytes[(index * size)..<((index + 1) * size)]
    return String(decoding: element.prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// The text in a C buffer, up to its first NUL.
func textUpToNul(_ buffer: [CChar]) -> String {
  String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
