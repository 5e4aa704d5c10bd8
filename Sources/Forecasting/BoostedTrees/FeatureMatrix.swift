// SPDX-License-Identifier: Apache-2.0

/// Rows to learn from or to predict for, stored column by column: `values[column * rowCount + row]`.
///
/// Column-major, because features are computed for all series at once, one feature after the other.
/// NaN means that a feature is unknown (a day that was not seen yet); the trees have a branch for it.
public struct FeatureMatrix: Sendable, Equatable, Codable {
  /// Number of rows.
  public let rowCount: Int
  /// Number of features.
  public let columnCount: Int
  /// `columnCount × rowCount` values.
  public var values: [Float]

  /// A matrix filled with zeros.
  public init(rowCount: Int, columnCount: Int) {
    self.rowCount = rowCount
    self.columnCount = columnCount
    values = [Float](repeating: 0, count: rowCount * columnCount)
  }

  /// One value.
  public subscript(row: Int, column: Int) -> Float {
    get { values[column * rowCount + row] }
    set { values[column * rowCount + row] = newValue }
  }
}
