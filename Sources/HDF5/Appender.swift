// SPDX-License-Identifier: Apache-2.0
import CHDF5

/// Writes rows to the end of an array that grows along its first axis.
///
/// Rows are collected until a chunk is full and then compressed and written as a whole, so memory
/// is bounded by one chunk and no chunk is ever read back. Call ``flush()`` after the last row.
public final class Appender<Number: Storable> {
  /// The array.
  public let dataset: Dataset
  /// Elements of one row.
  public let rowLength: Int
  /// Rows given so far, those still in memory included.
  public private(set) var rowCount = 0
  private let rowShape: [Int]
  private let blockLength: Int
  private var buffer: [Number] = []
  private var rowsWritten = 0

  init(dataset: Dataset, rowShape: [Int], rowsPerChunk: Int) {
    self.dataset = dataset
    self.rowShape = rowShape
    rowLength = rowShape.reduce(1, *)
    blockLength = rowsPerChunk * rowLength
    buffer.reserveCapacity(blockLength)
  }

  /// Adds one row or several.
  ///
  /// - Precondition: `rows.count` is a multiple of ``rowLength``.
  /// - Throws: when the file cannot be written.
  public func append(_ rows: [Number]) throws(HDF5Error) {
    precondition(rows.count.isMultiple(of: rowLength), "\(rows.count) elements, row \(rowLength)")
    rowCount += rows.count / rowLength
    var start = 0
    while start < rows.count {
      let end = min(rows.count, start + blockLength - buffer.count)
      buffer.append(contentsOf: rows[start..<end])
      start = end
      if buffer.count == blockLength { try flush() }
    }
  }

  /// Adds one row of a single element.
  ///
  /// - Precondition: ``rowLength`` is 1.
  /// - Throws: when the file cannot be written.
  public func append(_ number: Number) throws(HDF5Error) {
    precondition(rowLength == 1, "one element for a row of \(rowLength)")
    rowCount += 1
    buffer.append(number)
    if buffer.count == blockLength { try flush() }
  }

  /// Writes the rows that are still in memory.
  ///
  /// - Throws: when the file cannot be written.
  public func flush() throws(HDF5Error) {
    let rows = buffer.count / rowLength
    guard rows > 0 else { return }
    try buffer.withUnsafeBufferPointer { (elements) throws(HDF5Error) in
      guard let start = elements.baseAddress else { return }
      try dataset.extend(
        from: rowsWritten, by: rows, rowShape: rowShape, type: Number.numberType.memoryID,
        elements: start)
    }
    rowsWritten += rows
    buffer.removeAll(keepingCapacity: true)
  }
}

/// Writes texts to the end of a list that grows. Works as ``Appender`` does.
///
/// The library keeps variable-length texts in a heap of their own, uncompressed: about 40 bytes
/// for a short one, none for an empty one.
public final class TextAppender {
  /// The list.
  public let dataset: Dataset
  private let blockLength: Int
  private var buffer: [String] = []
  private var rowsWritten = 0

  init(dataset: Dataset, rowsPerChunk: Int) {
    self.dataset = dataset
    blockLength = rowsPerChunk
  }

  /// Adds a text.
  ///
  /// - Throws: when the file cannot be written, or the text holds a NUL.
  public func append(_ text: String) throws(HDF5Error) {
    buffer.append(text)
    if buffer.count == blockLength { try flush() }
  }

  /// Writes the texts that are still in memory.
  ///
  /// - Throws: when the file cannot be written, or a text holds a NUL.
  public func flush() throws(HDF5Error) {
    guard !buffer.isEmpty else { return }
    let type = try openStringType(dataset.place)
    try withCStrings(buffer, at: dataset.place) { (pointers) throws(HDF5Error) in
      try dataset.extend(
        from: rowsWritten, by: buffer.count, rowShape: [], type: type.id, elements: pointers)
    }
    rowsWritten += buffer.count
    buffer.removeAll(keepingCapacity: true)
  }
}

extension Dataset {
  /// Makes the array longer and writes the new rows.
  fileprivate func extend(
    from first: Int, by rows: Int, rowShape: [Int], type: hid_t, elements: UnsafeRawPointer
  ) throws(HDF5Error) {
    let lengths = ([first + rows] + rowShape).map { hsize_t($0) }
    _ = try Library.call("append", place) { H5Dset_extent(handle.id, lengths) }
    let file = try select([first..<(first + rows)] + rowShape.map { 0..<$0 })
    let memory = try makeSpace([rows] + rowShape, at: place)
    _ = try Library.call("append", place) {
      H5Dwrite(handle.id, type, memory.id, file.id, fs_default(), elements)
    }
  }
}

/// How much of a growing array is one chunk: at most this many elements of a row set (256 KiB of
/// single precision, within the 0.25–1 MiB that readers handle well), and at most as many rows.
private let chunkElements = 65_536
private let chunkRows = 4096

/// Rows of a chunk of texts: 16 KiB of references into the heap.
private let textChunkRows = 1024

/// Effort of deflate, 1…9; above 4 files hardly shrink and writing slows.
private let deflateLevel: UInt32 = 4

extension Group {
  /// Makes an array that grows along its first axis, chunked and compressed (shuffle, deflate).
  ///
  /// `rowShape` has the lengths of the other axes, none of them zero; empty for a plain list.
  /// `fill` stands for "no value" and is also written as the attribute `_FillValue`.
  ///
  /// - Throws: when the name is taken.
  public func makeAppender<Number: Storable>(
    _ name: String, of type: Number.Type = Number.self, rowShape: [Int] = [], fill: Number? = nil
  ) throws(HDF5Error) -> Appender<Number> {
    precondition(rowShape.allSatisfy { $0 > 0 }, "rows of \(name) would be empty: \(rowShape)")
    let operation = "create the dataset"
    let place = place(name)
    let chunk = chunkShape(rowShape: rowShape)
    let creation = try growingCreation(name, chunk: chunk)
    _ = try Library.call(operation, place) { H5Pset_shuffle(creation.id) }
    _ = try Library.call(operation, place) { H5Pset_deflate(creation.id, deflateLevel) }
    if var fill {
      _ = try Library.call(operation, place) {
        H5Pset_fill_value(creation.id, Number.numberType.memoryID, &fill)
      }
    }
    let space = try growingSpace(rowShape: rowShape, at: place)
    let made = try createDataset(
      name, type: Number.numberType.fileID, space: space, creation: creation)
    if let fill { try made.attributes.set("_FillValue", fill) }
    return Appender(dataset: made, rowShape: rowShape, rowsPerChunk: chunk[0])
  }

  /// Makes a list of texts that grows.
  ///
  /// - Throws: when the name is taken.
  public func makeTextAppender(_ name: String) throws(HDF5Error) -> TextAppender {
    let creation = try growingCreation(name, chunk: [textChunkRows])
    let type = try openStringType(place(name))
    let space = try growingSpace(rowShape: [], at: place(name))
    let made = try createDataset(name, type: type.id, space: space, creation: creation)
    return TextAppender(dataset: made, rowsPerChunk: textChunkRows)
  }

  private func growingCreation(_ name: String, chunk: [Int]) throws(HDF5Error) -> Handle {
    let creation = try datasetCreation(name)
    let lengths = chunk.map { hsize_t($0) }
    _ = try Library.call("create the dataset", place(name)) {
      H5Pset_chunk(creation.id, Int32(lengths.count), lengths)
    }
    return creation
  }

  private func growingSpace(rowShape: [Int], at place: String) throws(HDF5Error) -> Handle {
    let row = rowShape.map { hsize_t($0) }
    return try Handle("make the data space", place, closer: H5Sclose) {
      H5Screate_simple(Int32(row.count + 1), [0] + row, [fs_unlimited()] + row)
    }
  }
}

/// The shape of one chunk: as much of a row as fits, innermost axis first, then as many rows.
private func chunkShape(rowShape: [Int]) -> [Int] {
  var budget = chunkElements
  var shape: [Int] = []
  for length in rowShape.reversed() {
    shape.append(min(length, budget))
    budget = max(1, budget / min(length, budget))
  }
  return [min(budget, chunkRows)] + shape.reversed()
}
