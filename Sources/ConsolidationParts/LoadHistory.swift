// SPDX-License-Identifier: Apache-2.0

/// The newest utilisation fractions of every VM, newest first; what history-based detectors and
/// selectors look at.
public struct LoadHistory: Sendable, Codable {
  /// Most values kept of a VM.
  public static let depth = 30

  private var values: ContiguousArray<Double>
  private var counts: ContiguousArray<Int32>

  /// Histories of `vmCount` VMs without a value.
  public init(vmCount: Int) {
    values = ContiguousArray(repeating: 0, count: vmCount * Self.depth)
    counts = ContiguousArray(repeating: 0, count: vmCount)
  }

  /// Remembers the newest value of a VM; the oldest of 30 is forgotten.
  public mutating func append(_ share: Double, of vm: Int) {
    let start = vm * Self.depth
    values.withUnsafeMutableBufferPointer { values in
      let base = UnsafeMutableBufferPointer(rebasing: values[start..<start + Self.depth])
      for index in stride(from: Self.depth - 1, to: 0, by: -1) { base[index] = base[index - 1] }
      base[0] = share
    }
    counts[vm] = min(counts[vm] + 1, Int32(Self.depth))
  }

  /// Number of values of a VM, 0…30.
  public func count(of vm: Int) -> Int { Int(counts[vm]) }

  /// A value of a VM; 0 is the newest.
  public func value(_ age: Int, of vm: Int) -> Double { values[vm * Self.depth + age] }

  /// Adds `value · capacity / total` of a VM to `sums`, value by value.
  func add(
    _ vm: Int, capacity: Double, total: Double, to sums: UnsafeMutableBufferPointer<Double>
  ) {
    let start = vm * Self.depth
    for age in 0..<Int(counts[vm]) { sums[age] += values[start + age] * capacity / total }
  }
}
