// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Units
import Workloads

/// Figures of a real trace: CPU in percent, samples of 300 s, pooled over VMs and samples.
struct RealFigures: Sendable {
  var profile: String
  /// The prepared trace under the shared data.
  var file: String
  var days: Int
  var mean, deviation, p50, p90, p95, p99: Double
  /// Autocorrelations (inside a VM, pooled) at lags 1, 12 and 288; two for a one-day trace.
  var autocorrelations: [(lag: Int, inside: Double, pooled: Double)]
  var burstsPerVMDay: Double

  /// Computed with NumPy 2.4.6 from the files (see FORMATS.md beside them for their origin).
  static let all = [
    RealFigures(
      profile: "planetlab-like", file: "planetlab/20110303.csv", days: 1,
      mean: 12.3144, deviation: 17.0888, p50: 6, p90: 36, p95: 50, p99: 79,
      autocorrelations: [(1, 0.0775, 0.7718), (12, 0.0612, 0.7765)], burstsPerVMDay: 8.8470),
    RealFigures(
      profile: "azure-like", file: "azure/v1_vm100_avg_cpu_14d_300s.csv", days: 14,
      mean: 10.6656, deviation: 12.3626, p50: 6.55, p90: 24.89, p95: 35.08, p99: 69.4201,
      autocorrelations: [(1, 0.4679, 0.9215), (12, 0.3839, 0.8448), (288, 0.2185, 0.7930)],
      burstsPerVMDay: 1.9371),
    RealFigures(
      profile: "bitbrains-like", file: "bitbrains_rnd/cpu_pct_2013-7_14d_300s.csv", days: 14,
      mean: 8.7411, deviation: 21.3426, p50: 1.617, p90: 24.07, p95: 55.8, p99: 100,
      autocorrelations: [(1, 0.7332, 0.9737), (12, 0.4131, 0.8601), (288, 0.2555, 0.4584)],
      burstsPerVMDay: 1.3521),
  ]

  /// Name, real and other figure, for each of them.
  func pairs(with other: LoadStatistics) -> [(name: String, real: Double, other: Double)] {
    var pairs = [
      ("mean", mean, other.mean), ("deviation", deviation, other.standardDeviation),
      ("p50", p50, other.p50), ("p90", p90, other.p90), ("p95", p95, other.p95),
      ("p99", p99, other.p99), ("bursts", burstsPerVMDay, other.burstsPerVMDay),
    ]
    for lag in autocorrelations {
      let found = other.autocorrelation(lag: lag.lag)
      pairs.append(("inside \(lag.lag)", lag.inside, found?.insideVM ?? .nan))
      pairs.append(("pooled \(lag.lag)", lag.pooled, found?.pooled ?? .nan))
    }
    return pairs
  }
}

@Suite("Synthetic profiles against the traces they imitate")
struct FitTests {
  /// The requirement on every figure.
  static let tolerance = 0.15
  /// The constants above are rounded to four decimals; samples pass through Float.
  static let rounding = 1e-3

  #if DEBUG
    static let isOptimised = false
  #else
    static let isOptimised = true
  #endif

  static func generate(_ real: RealFigures, seed: UInt64) -> LoadStatistics? {
    let trace = syntheticSpec {
      // So many VMs that what is left of chance in a figure is a few percent; the heavy tail of
      // Bitbrains needs more.
      $0.vmCount = real.days == 1 ? 4000 : real.profile == "bitbrains-like" ? 8000 : 2000
      $0.mix = [(real.profile, 1)]
    }.generate(seed: seed, duration: .days(real.days))
    return TraceSummary(trace).cpu
  }

  @Test(
    "every figure is within 15 % of the real trace",
    .enabled(if: FitTests.isOptimised, "eight million samples: only in an optimised build"),
    arguments: RealFigures.all, [1, 2] as [UInt64])
  func fits(real: RealFigures, seed: UInt64) throws {
    let statistics = try #require(Self.generate(real, seed: seed))
    for (name, expected, found) in real.pairs(with: statistics) {
      let error = found / expected - 1
      let message: Comment = "\(real.profile) \(name): \(found) for \(expected)"
      #expect(abs(error) <= Self.tolerance, message)
    }
  }

  /// Where the figures stand for readers.
  static let page = "Sources/Workloads/Workloads.docc/Workloads.md"

  /// The page's rows of one profile: name, real and generated figure, difference.
  static func rows(of real: RealFigures, _ statistics: LoadStatistics) -> [String] {
    real.pairs(with: statistics).map { name, expected, found in
      let error = 100 * (found / expected - 1)
      let cells = [rounded(expected, 4), rounded(found, 4), rounded(error, 1) + " %"]
      return "| \(real.profile) | \(name) | " + cells.joined(separator: " | ") + " |"
    }
  }

  private static func rounded(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value + 0)
  }

  @Test(
    "the documentation's table is that of seed 1",
    .enabled(if: FitTests.isOptimised, "eight million samples: only in an optimised build"),
    arguments: RealFigures.all)
  func documented(real: RealFigures) throws {
    let page = try String(contentsOfFile: Self.page, encoding: .utf8)
    let statistics = try #require(Self.generate(real, seed: 1))
    for row in Self.rows(of: real, statistics) {
      let isThere = page.contains(row)
      #expect(isThere, "\(row)")
    }
  }

  @Test(
    "the real figures are those of the data", .enabled(if: SharedData.isPresent, SharedData.absent),
    arguments: RealFigures.all)
  func realFigures(real: RealFigures) throws {
    var options = TraceReadingOptions()
    options.clipsToSize = true
    let trace = try DemandTrace.read([SharedData.input(real.file)], options: options)
    let statistics = try #require(TraceSummary(trace).cpu)
    for (name, expected, found) in real.pairs(with: statistics) {
      #expect(abs(found / expected - 1) <= Self.rounding, "\(name): \(found) for \(expected)")
    }
  }
}
