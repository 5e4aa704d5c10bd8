// SPDX-License-Identifier: Apache-2.0
import CXGBoost

/// Turns a return code of the boosting library into a typed error with the library's own words.
private func check(_ code: CInt, _ call: String) throws(LearnedModelError) {
  guard code == 0 else {
    let message = XGBGetLastError().map { String(cString: $0) } ?? "no message"
    // The first line is the cause; a stack trace may follow it.
    let cause = message.prefix { $0 != "\n" }
    throw LearnedModelError(.library, at: call, String(cause))
  }
}

/// The library's description of a column-major matrix of 32-bit floats at `address`.
private func arrayInterface(address: UnsafeRawPointer?, rows: Int, columns: Int) -> String {
  """
  {"data":[\(UInt(bitPattern: address)),true],"shape":[\(rows),\(columns)],\
  "strides":[4,\(4 * rows)],"typestr":"<f4","version":3}
  """
}

/// Training rows in the library's own form; freed with the last reference.
final class BoosterRows {
  fileprivate let handle: DMatrixHandle
  let rowCount: Int

  /// Copies `features`, and `labels` when there are any (one a row).
  init(_ features: FeatureMatrix, labels: [Float]?) throws(LearnedModelError) {
    var created: DMatrixHandle?
    let code = features.values.withUnsafeBytes { bytes in
      XGDMatrixCreateFromDense(
        arrayInterface(
          address: bytes.baseAddress, rows: features.rowCount, columns: features.columnCount),
        #"{"missing":NaN,"nthread":1}"#, &created)
    }
    try check(code, "XGDMatrixCreateFromDense")
    guard let created else {
      throw LearnedModelError(.library, at: "XGDMatrixCreateFromDense", "no matrix came back")
    }
    handle = created
    rowCount = features.rowCount
    if let labels {
      precondition(labels.count == rowCount, "\(labels.count) labels for \(rowCount) rows")
      try check(
        XGDMatrixSetFloatInfo(handle, "label", labels, bst_ulong(labels.count)),
        "XGDMatrixSetFloatInfo")
    }
  }

  deinit { XGDMatrixFree(handle) }
}

/// One booster of the library; freed with the last reference. Not thread safe.
final class Booster {
  private let handle: BoosterHandle

  /// An untrained booster with the given parameters, set in the given order.
  ///
  /// It will be trained on `rows`: the library then keeps its predictions for them.
  init(
    trainingOn rows: BoosterRows?, parameters: [(name: String, value: String)]
  ) throws(LearnedModelError) {
    var created: BoosterHandle?
    let cached = [rows?.handle]
    try check(XGBoosterCreate(cached, rows == nil ? 0 : 1, &created), "XGBoosterCreate")
    guard let created else {
      throw LearnedModelError(.library, at: "XGBoosterCreate", "no booster came back")
    }
    handle = created
    for (name, value) in parameters {
      try check(XGBoosterSetParam(handle, name, value), "XGBoosterSetParam \(name)")
    }
  }

  /// A trained booster from ``modelBytes()``.
  convenience init(modelBytes: [UInt8]) throws(LearnedModelError) {
    // The library aborts the process on some malformed buffers that don't look like a document.
    guard modelBytes.first == UInt8(ascii: "{"), modelBytes.count > 2 else {
      throw LearnedModelError(.format, at: "trees", "expected a model document, found none")
    }
    try self.init(trainingOn: nil, parameters: [("nthread", "1"), ("verbosity", "0")])
    try check(
      XGBoosterLoadModelFromBuffer(handle, modelBytes, bst_ulong(modelBytes.count)),
      "XGBoosterLoadModelFromBuffer")
  }

  deinit { XGBoosterFree(handle) }

  /// Number of features the booster was trained with.
  func featureCount() throws(LearnedModelError) -> Int {
    var count: bst_ulong = 0
    try check(XGBoosterGetNumFeature(handle, &count), "XGBoosterGetNumFeature")
    return Int(count)
  }

  /// Number of rounds trained.
  func roundCount() throws(LearnedModelError) -> Int {
    var count: CInt = 0
    try check(XGBoosterBoostedRounds(handle, &count), "XGBoosterBoostedRounds")
    return Int(count)
  }

  /// One more round with the gradients of the booster's own objective.
  func update(round: Int, rows: BoosterRows) throws(LearnedModelError) {
    try check(XGBoosterUpdateOneIter(handle, CInt(round), rows.handle), "XGBoosterUpdateOneIter")
  }

  /// One more round with given gradients, one first and one second derivative a row.
  func update(
    rows: BoosterRows, gradients: inout [Float], curvatures: inout [Float]
  ) throws(LearnedModelError) {
    try check(
      XGBoosterBoostOneIter(
        handle, rows.handle, &gradients, &curvatures, bst_ulong(gradients.count)),
      "XGBoosterBoostOneIter")
  }

  /// The leaf of the tree of `round` in which each row ends.
  func leaves(rows: BoosterRows, round: Int) throws(LearnedModelError) -> [Int] {
    // The library gives leaves from the first tree on only, so the tree is cut out first.
    var slice: BoosterHandle?
    try check(
      XGBoosterSlice(handle, CInt(round), CInt(round + 1), 1, &slice), "XGBoosterSlice")
    defer { XGBoosterFree(slice) }
    // A slice starts with the library's own choice of threads.
    try check(XGBoosterSetParam(slice, "nthread", "1"), "XGBoosterSetParam nthread")
    let config = #"""
      {"type":6,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":true}
      """#
    var shape: UnsafePointer<bst_ulong>?
    var dimensions: bst_ulong = 0
    var result: UnsafePointer<Float>?
    try check(
      XGBoosterPredictFromDMatrix(slice, rows.handle, config, &shape, &dimensions, &result),
      "XGBoosterPredictFromDMatrix")
    let floats = try copy(result, shape: shape, dimensions: dimensions, expected: rows.rowCount)
    return floats.map { Int($0) }
  }

  /// The prediction for each row: a probability, or the value itself, as the objective says.
  func predict(_ features: FeatureMatrix) throws(LearnedModelError) -> [Float] {
    var shape: UnsafePointer<bst_ulong>?
    var dimensions: bst_ulong = 0
    var result: UnsafePointer<Float>?
    let config = #"""
      {"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,\#
      "missing":NaN,"cache_id":0}
      """#
    let code = features.values.withUnsafeBytes { bytes in
      XGBoosterPredictFromDense(
        handle,
        arrayInterface(
          address: bytes.baseAddress, rows: features.rowCount, columns: features.columnCount),
        config, nil, &shape, &dimensions, &result)
    }
    try check(code, "XGBoosterPredictFromDense")
    return try copy(result, shape: shape, dimensions: dimensions, expected: features.rowCount)
  }

  /// The trained trees as the library's JSON document: numbers round-trip exactly, and its reader
  /// refuses damaged text with an error, which the reader of the binary form doesn't always do.
  func modelBytes() throws(LearnedModelError) -> [UInt8] {
    var length: bst_ulong = 0
    var bytes: UnsafePointer<CChar>?
    try check(
      XGBoosterSaveModelToBuffer(handle, #"{"format":"json"}"#, &length, &bytes),
      "XGBoosterSaveModelToBuffer")
    let raw = UnsafeRawBufferPointer(start: bytes, count: Int(length))
    return [UInt8](raw)
  }

  /// Copies a result out of the library's memory, which the next call may reuse.
  private func copy(
    _ result: UnsafePointer<Float>?, shape: UnsafePointer<bst_ulong>?, dimensions: bst_ulong,
    expected: Int
  ) throws(LearnedModelError) -> [Float] {
    let sizes = UnsafeBufferPointer(start: shape, count: Int(dimensions))
    let count = sizes.reduce(1) { $0 * Int($1) }
    guard count == expected else {
      throw LearnedModelError(.library, at: "prediction", "\(count) values for \(expected) rows")
    }
    return [Float](UnsafeBufferPointer(start: result, count: count))
  }
}
