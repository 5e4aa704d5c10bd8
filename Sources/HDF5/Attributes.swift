// SPDX-License-Identifier: Apache-2.0
import CHDF5

/// The value of an attribute.
public enum AttributeValue: Sendable, Hashable {
  case text(String)
  case texts([String])
  case integers([Int64])
  case reals([Double])
}

/// The attributes of a group or dataset.
///
/// Texts are written with variable length, which h5py too gives back as text; fixed-length ones
/// are read as well.
public struct Attributes {
  let handle: Handle
  let place: String

  /// Sets a text.
  ///
  /// - Throws: when an attribute of that name exists.
  public func set(_ name: String, _ text: String) throws(HDF5Error) {
    try set(name, [text], shape: nil)
  }

  /// Sets a list of texts.
  ///
  /// - Throws: when an attribute of that name exists.
  public func set(_ name: String, _ texts: [String]) throws(HDF5Error) {
    try set(name, texts, shape: [texts.count])
  }

  private func set(_ name: String, _ texts: [String], shape: [Int]?) throws(HDF5Error) {
    let type = try openStringType(place)
    try withCStrings(texts, at: place) { (pointers) throws(HDF5Error) in
      let list = UnsafeBufferPointer(start: pointers, count: texts.count)
      try write(name, type: type.id, memoryType: type.id, shape: shape, Array(list))
    }
  }

  /// Sets a number.
  ///
  /// - Throws: when an attribute of that name exists.
  public func set<Number: Storable>(_ name: String, _ number: Number) throws(HDF5Error) {
    let type = Number.numberType
    try write(name, type: type.fileID, memoryType: type.memoryID, shape: nil, [number])
  }

  /// Sets a list of numbers.
  ///
  /// - Throws: when an attribute of that name exists.
  public func set<Number: Storable>(_ name: String, _ numbers: [Number]) throws(HDF5Error) {
    let type = Number.numberType
    try write(
      name, type: type.fileID, memoryType: type.memoryID, shape: [numbers.count], numbers)
  }

  /// Whether there is an attribute of that name.
  public func contains(_ name: String) throws(HDF5Error) -> Bool {
    try Library.call("look for the attribute \(name)", place) { H5Aexists(handle.id, name) } > 0
  }

  /// Names of all attributes, sorted.
  public func names() throws(HDF5Error) -> [String] {
    var info = H5O_info_t()
    _ = try Library.call("list the attributes", place) {
      H5Oget_info2(handle.id, &info, UInt32(H5O_INFO_NUM_ATTRS))
    }
    var names: [String] = []
    for index in 0..<info.num_attrs { names.append(try name(at: index)) }
    return names.sorted()
  }

  private func name(at index: hsize_t) throws(HDF5Error) -> String {
    func get(_ buffer: UnsafeMutablePointer<CChar>?, _ size: Int) throws(HDF5Error) -> Int {
      try Library.call("list the attributes", place) {
        H5Aget_name_by_idx(
          handle.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, size, fs_default())
      }
    }
    let length = try get(nil, 0)
    var buffer = [CChar](repeating: 0, count: length + 1)
    _ = try get(&buffer, length + 1)
    return textUpToNul(buffer)
  }

  /// The value of an attribute.
  ///
  /// - Throws: when there is none of that name, or it is neither text nor numbers.
  public func value(_ name: String) throws(HDF5Error) -> AttributeValue {
    let operation = "read the attribute \(name)"
    let attribute = try Handle(operation, place, closer: H5Aclose) {
      H5Aopen(handle.id, name, fs_default())
    }
    let type = try Handle(operation, place, closer: H5Tclose) { H5Aget_type(attribute.id) }
    let space = try Handle(operation, place, closer: H5Sclose) { H5Aget_space(attribute.id) }
    let count = Int(
      try Library.call(operation, place) { H5Sget_simple_extent_npoints(space.id) })
    switch try elementKind(of: type, at: place) {
    case .integer: return .integers(try read(attribute, operation, count))
    case .real: return .reals(try read(attribute, operation, count))
    case .text:
      let texts = try readTexts(type: type, count: count, at: place) { memoryType, buffer in
        H5Aread(attribute.id, memoryType, buffer)
      }
      let rank = try Library.call(operation, place) {
        H5Sget_simple_extent_ndims(space.id)
      }
      return rank == 0 && texts.count == 1 ? .text(texts[0]) : .texts(texts)
    case .other:
      throw HDF5Error(
        operation: operation, path: place, reason: "it holds neither text nor numbers")
    }
  }

  /// The value of an attribute that holds one text, or nil when there is no such attribute.
  public func text(_ name: String) throws(HDF5Error) -> String? {
    guard try contains(name), case .text(let text) = try value(name) else { return nil }
    return text
  }

  private func read<Number: Storable>(
    _ attribute: Handle, _ operation: String, _ count: Int
  ) throws(HDF5Error) -> [Number] {
    var numbers = [Number](repeating: .blank, count: count)
    guard count > 0 else { return numbers }
    _ = try Library.call(operation, place) {
      H5Aread(attribute.id, Number.numberType.memoryID, &numbers)
    }
    return numbers
  }

  /// Makes the attribute and writes it; a nil shape is a scalar.
  private func write<Element>(
    _ name: String, type: hid_t, memoryType: hid_t, shape: [Int]?, _ elements: [Element]
  ) throws(HDF5Error) {
    let operation = "write the attribute \(name)"
    let space = try makeSpace(shape, at: place)
    let attribute = try Handle(operation, place, closer: H5Aclose) {
      H5Acreate2(handle.id, name, type, space.id, fs_default(), fs_default())
    }
    guard !elements.isEmpty else { return }
    _ = try Library.call(operation, place) {
      elements.withUnsafeBytes { H5Awrite(attribute.id, memoryType, $0.baseAddress) }
    }
  }
}

extension Group {
  /// The group's attributes.
  public var attributes: Attributes { Attributes(handle: handle, place: place()) }
}

extension Dataset {
  /// The dataset's attributes.
  public var attributes: Attributes { Attributes(handle: handle, place: place) }
}
