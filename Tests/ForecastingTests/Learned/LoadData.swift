// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Public load traces that are not committed; tests that need them are skipped without them.
enum LoadData {
  static let folder =
    ProcessInfo.processInfo.environment["FORESHADOW_SHARED"] ?? "../shared"

  static let azure = "data/azure/v1_vm100_avg_cpu_14d_300s.csv"
  static let bitbrains = "data/bitbrains_rnd/cpu_pct_2013-7_14d_300s.csv"

  static var isPresent: Bool { FileManager.default.fileExists(atPath: "\(folder)/\(azure)") }

  /// The series of a file of `name,v0,v1,…` lines.
  static func series(_ path: String) throws -> [[Double]] {
    let text = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
    return text.split(separator: "\n").map { line in
      line.split(separator: ",").dropFirst().map { Double($0) ?? .nan }
    }
  }

  /// `[series][sample]` as one `[sample, series]` row-major array.
  static func rowMajor(_ series: [[Double]], _ samples: Range<Int>) -> [Double] {
    samples.flatMap { sample in series.map { $0[sample] } }
  }

  /// Linearly interpolated percentile as numpy's default, which the protocol's capacity is.
  static func percentile(_ values: some Collection<Double>, _ share: Double) -> Double {
    let sorted = values.sorted()
    let position = share * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
  }
}
