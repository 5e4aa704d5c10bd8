// SPDX-License-Identifier: Apache-2.0
import CHDF5

/// An array in a file. Elements are row-major, the last axis fastest.
public struct Dataset {
  let handle: Handle
  let file: File
  /// The absolute path inside the file.
  public let path: String

  /// File and path, for messages.
  var place: String { "\(file.path):\(path)" }

  /// The length of every axis; empty for a single element.
  public func shape() throws(HDF5Error) -> [Int] {
    let space = try openSpace()
    let rank = try Library.call("read the shape", place) {
      H5Sget_simple_extent_ndims(space.id)
    }
    guard rank > 0 else { return [] }
    var lengths = [hsize_t](repeating: 0, count: Int(rank))
    _ = try Library.call("read the shape", place) {
      H5Sget_simple_extent_dims(space.id, &lengths, nil)
    }
    return lengths.map { Int($0) }
  }

  /// What the elements are.
  public func kind() throws(HDF5Error) -> ElementKind {
    try elementKind(of: try openType(), at: place)
  }

  /// All elements, converted to `Number`.
  ///
  /// - Throws: when the elements are not numbers.
  public func read<Number: Storable>(as type: Number.Type = Number.self) throws(HDF5Error)
    -> [Number]
  {
    return try read(as: type, count: try elementCount(), memory: fs_all(), file: fs_all())
  }

  /// The elements of one box: a range on every axis, converted to `Number`.
  ///
  /// - Throws: when the box does not lie inside the array, or the elements are not numbers.
  public func read<Number: Storable>(
    as type: Number.Type = Number.self, _ box: [Range<Int>]
  ) throws(HDF5Error) -> [Number] {
    let file = try select(box)
    let count = box.reduce(1) { $0 * $1.count }
    let memory = try makeSpace([count], at: place)
    return try read(as: type, count: count, memory: memory.id, file: file.id)
  }

  /// All elements of an array of texts.
  ///
  /// - Throws: when the elements are not texts.
  public func readTexts() throws(HDF5Error) -> [String] {
    guard try kind() == .text else {
      throw HDF5Error(operation: "read texts", path: place, reason: "its elements are not texts")
    }
    let count = try elementCount()
    return try HDF5.readTexts(type: try openType(), count: count, at: place) { memory, buffer in
      H5Dread(handle.id, memory, fs_all(), fs_all(), fs_default(), buffer)
    }
  }

  private func read<Number: Storable>(
    as type: Number.Type, count: Int, memory: hid_t, file: hid_t
  ) throws(HDF5Error) -> [Number] {
    var numbers = [Number](repeating: .blank, count: count)
    guard count > 0 else { return numbers }
    _ = try Library.call("read", place) {
      H5Dread(handle.id, Number.numberType.memoryID, memory, file, fs_default(), &numbers)
    }
    return numbers
  }

  /// The number of elements, if memory may be asked for them: a damaged file can claim any.
  private func elementCount() throws(HDF5Error) -> Int {
    let limit = 1 << 31
    var count = 1
    for length in try shape() {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow, product <= limit else {
        throw HDF5Error(
          operation: "read", path: place,
          reason: "more than \(limit) elements; read it in boxes")
      }
      count = product
    }
    return count
  }

  /// The array's dataspace with a box selected.
  func select(_ box: [Range<Int>]) throws(HDF5Error) -> Handle {
    let shape = try shape()
    guard box.count == shape.count,
      zip(box, shape).allSatisfy({ $0.lowerBound >= 0 && $0.upperBound <= $1 })
    else {
      throw HDF5Error(
        operation: "select \(box)", path: place, reason: "the array has the shape \(shape)")
    }
    let space = try openSpace()
    let starts = box.map { hsize_t($0.lowerBound) }
    let counts = box.map { hsize_t($0.count) }
    _ = try Library.call("select \(box)", place) {
      H5Sselect_hyperslab(space.id, H5S_SELECT_SET, starts, nil, counts, nil)
    }
    return space
  }

  private func openSpace() throws(HDF5Error) -> Handle {
    try Handle("read the shape", place, closer: H5Sclose) { H5Dget_space(handle.id) }
  }

  private func openType() throws(HDF5Error) -> Handle {
    try Handle("read the type", place, closer: H5Tclose) { H5Dget_type(handle.id) }
  }

  // MARK: Dimension scales

  /// Declares this dataset to be the coordinates of an axis, named for itself.
  public func makeScale() throws(HDF5Error) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    _ = try Library.call("make a dimension scale", place) { H5DSset_scale(handle.id, name) }
  }

  /// Names axis number `axis` after `scale` and takes its coordinates from there.
  public func attach(_ scale: Dataset, axis: Int) throws(HDF5Error) {
    _ = try Library.call("attach the scale \(scale.path)", place) {
      H5DSattach_scale(handle.id, scale.handle.id, UInt32(axis))
    }
  }

  /// The path of the scale attached to each axis; nil where there is none.
  public func scalePaths() throws(HDF5Error) -> [String?] {
    let operation = "read the scales"
    var paths: [String?] = []
    for axis in try shape().indices {
      let count = try Library.call(operation, place) {
        H5DSget_num_scales(handle.id, UInt32(axis))
      }
      guard count > 0 else {
        paths.append(nil)
        continue
      }
      var path = ""
      _ = try Library.call(operation, place) {
        withUnsafeMutablePointer(to: &path) { pointer in
          H5DSiterate_scales(handle.id, UInt32(axis), nil, recordScalePath, pointer)
        }
      }
      paths.append(path)
    }
    return paths
  }
}

/// Called by the library, under our lock, with the first scale of an axis.
private func recordScalePath(
  _ dataset: hid_t, _ axis: UInt32, _ scale: hid_t, _ context: UnsafeMutableRawPointer?
) -> herr_t {
  let length = H5Iget_name(scale, nil, 0)
  guard length >= 0 else { return -1 }
  var buffer = [CChar](repeating: 0, count: length + 1)
  H5Iget_name(scale, &buffer, length + 1)
  context?.assumingMemoryBound(to: String.self).pointee = textUpToNul(buffer)
  return 1
}

extension Group {
  /// Writes an array of a fixed shape.
  ///
  /// - Precondition: `numbers` has as many elements as `shape` says.
  /// - Throws: when the name is taken.
  @discardableResult
  public func write<Number: Storable>(
    _ name: String, _ numbers: [Number], shape: [Int]? = nil
  ) throws(HDF5Error) -> Dataset {
    let shape = shape ?? [numbers.count]
    precondition(shape.reduce(1, *) == numbers.count, "\(numbers.count) elements for \(shape)")
    let type = Number.numberType
    return try write(
      name, type: type.fileID, memoryType: type.memoryID, shape: shape, elements: numbers)
  }

  /// Writes a single number.
  ///
  /// - Throws: when the name is taken.
  @discardableResult
  public func write<Number: Storable>(_ name: String, _ number: Number) throws(HDF5Error)
    -> Dataset
  {
    let type = Number.numberType
    return try write(
      name, type: type.fileID, memoryType: type.memoryID, shape: nil, elements: [number])
  }

  /// Writes a list of texts.
  ///
  /// - Throws: when the name is taken, or a text holds a NUL.
  @discardableResult
  public func write(_ name: String, _ texts: [String]) throws(HDF5Error) -> Dataset {
    let place = place(name)
    let type = try openStringType(place)
    return try withCStrings(texts, at: place) { (pointers) throws(HDF5Error) -> Dataset in
      let list = Array(UnsafeBufferPointer(start: pointers, count: texts.count))
      return try write(
        name, type: type.id, memoryType: type.id, shape: [texts.count], elements: list)
    }
  }

  /// Writes a single text.
  ///
  /// - Throws: when the name is taken, or the text holds a NUL.
  @discardableResult
  public func write(_ name: String, _ text: String) throws(HDF5Error) -> Dataset {
    let place = place(name)
    let type = try openStringType(place)
    return try withCStrings([text], at: place) { (pointers) throws(HDF5Error) -> Dataset in
      try write(
        name, type: type.id, memoryType: type.id, shape: nil, elements: [pointers.pointee])
    }
  }

  /// Makes an array and writes it whole; a nil shape is a single element.
  private func write<Element>(
    _ name: String, type: hid_t, memoryType: hid_t, shape: [Int]?, elements: [Element]
  ) throws(HDF5Error) -> Dataset {
    let space = try makeSpace(shape, at: place(name))
    let creation = try datasetCreation(name)
    let made = try createDataset(name, type: type, space: space, creation: creation)
    if !elements.isEmpty {
      _ = try Library.call("write the dataset", made.place) {
        elements.withUnsafeBytes {
          H5Dwrite(
            made.handle.id, memoryType, fs_all(), fs_all(), fs_default(), $0.baseAddress)
        }
      }
    }
    return made
  }

  /// How datasets are made: without times, attributes in the order of their making.
  func datasetCreation(_ name: String) throws(HDF5Error) -> Handle {
    let operation = "create the dataset"
    let list = try Handle(operation, place(name), closer: H5Pclose) {
      H5Pcreate(fs_dataset_create_class())
    }
    _ = try Library.call(operation, place(name)) { H5Pset_obj_track_times(list.id, false) }
    _ = try Library.call(operation, place(name)) {
      H5Pset_attr_creation_order(list.id, fs_ordered())
    }
    return list
  }

  func createDataset(_ name: String, type: hid_t, space: Handle, creation: Handle)
    throws(HDF5Error) -> Dataset
  {
    let made = try Handle("create the dataset", place(name), closer: H5Dclose) {
      H5Dcreate2(handle.id, name, type, space.id, fs_default(), creation.id, fs_default())
    }
    return Dataset(handle: made, file: file, path: member(name))
  }
}
