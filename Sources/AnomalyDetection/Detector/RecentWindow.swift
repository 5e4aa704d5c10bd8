// SPDX-License-Identifier: Apache-2.0

/// The last values without a gap: twice the length of a shape, so that a shape can be compared with
/// one that shares no value with it.
struct RecentWindow: Sendable, Equatable, Codable {
  /// Values in a mean or a shape.
  let length: Int
  /// A ring of `2 · length` values.
  private var values: [Double]
  private var position = 0
  /// Values since the last gap, at most `2 · length`.
  private var count = 0

  init(length: Int) {
    self.length = length
    values = [Double](repeating: 0, count: 2 * length)
  }

  /// Forgets everything: a value is missing.
  mutating func breakOff() {
    count = 0
  }

  mutating func insert(_ value: Double) {
    values[position] = value
    position = (position + 1) % values.count
    count = min(count + 1, values.count)
  }

  /// Mean of the last `length` values; nil when there are fewer since the last gap.
  var mean: Double? { count >= length ? mean(age: 0) : nil }

  /// The last `length` values less their mean, oldest first.
  var shape: [Float]? { count >= length ? shape(age: 0) : nil }

  /// The shape that ended just before the present one began.
  var earlierShape: [Float]? { count >= 2 * length ? shape(age: length) : nil }

  /// The value that came `age` values before the last one.
  private func value(age: Int) -> Double {
    values[(position - 1 - age + 2 * values.count) % values.count]
  }

  private func mean(age: Int) -> Double {
    var sum = 0.0
    for index in 0..<length { sum += value(age: age + index) }
    return sum / Double(length)
  }

  private func shape(age: Int) -> [Float] {
    let mean = mean(age: age)
    return (0..<length).map { Float(value(age: age + length - 1 - $0) - mean) }
  }
}
