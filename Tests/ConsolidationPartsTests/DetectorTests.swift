// SPDX-License-Identifier: Apache-2.0
import ConsolidationParts
import Testing

@Suite("Overload detectors")
struct DetectorTests {
  private func isOverloaded(
    _ detector: OverloadDetector, at share: Double, _ history: [Double]
  ) -> Bool {
    history.withUnsafeBufferPointer {
      detector.isOverloaded(demandShare: share, history: $0, stepsAhead: 1)
    }
  }

  /// The share from which on a detector fires, found by bisection.
  private func limit(_ detector: OverloadDetector, _ history: [Double]) -> Double {
    var (low, high) = (-10.0, 10.0)
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if isOverloaded(detector, at: middle, history) { high = middle } else { low = middle }
    }
    return high
  }

  private static let tolerance = 1e-12  // Rounding of a handful of operations.

  @Test("THR fires above its threshold, not at it")
  func threshold() {
    #expect(!isOverloaded(.threshold(0.8), at: 0.8, []))
    #expect(isOverloaded(.threshold(0.8), at: 0.8.nextUp, []))
  }

  /// 1, 2, … 13 %: q1 is number ⌊0.25·14 + 0.5⌋ = 4, q3 number ⌊0.75·14 + 0.5⌋ = 11.
  @Test("IQR: 1 − 1.5 · (0.11 − 0.04)")
  func interquartileRange() {
    let history = (1...13).map { Double($0) / 100 }
    #expect(abs(limit(.interquartileRange(safety: 1.5), history) - 0.895) < Self.tolerance)
  }

  /// Median of 1 … 13 % is 7 %, distances 0, 1, 1, … 6, 6 %, their median 3 %.
  @Test("MAD: 1 − 2.5 · 0.03")
  func medianAbsoluteDeviation() {
    let history = (1...13).map { Double($0) / 100 }
    #expect(abs(limit(.medianAbsoluteDeviation(safety: 2.5), history) - 0.925) < Self.tolerance)
  }

  @Test("too short a history: 70 %", arguments: ["iqr", "mad", "lr", "lrr"])
  func shortHistory(name: String) throws {
    let detector = try #require(OverloadDetector(name: name))
    let history = [Double](repeating: 0.1, count: 9)
    #expect(!isOverloaded(detector, at: 0.7, history))
    #expect(isOverloaded(detector, at: 0.7.nextUp, history))
  }

  /// On a straight line every weighting finds the line: 0.5, 0.53, … 0.77 leads to 0.80.
  @Test("local regression on a line", arguments: OverloadDetector.RegressionWeighting.allCases)
  func line(weighting: OverloadDetector.RegressionWeighting) {
    let newestFirst = (0..<10).map { 0.77 - 0.03 * Double($0) }
    func fires(_ safety: Double) -> Bool {
      isOverloaded(.localRegression(safety: safety, weighting: weighting), at: 0, newestFirst)
    }
    #expect(!fires(1.2499999))
    #expect(fires(1.2500001))
  }

  @Test("robust regression does not follow one outlier, plain ones do")
  func outlier() {
    var newestFirst = [Double](repeating: 0.5, count: 10)
    for age in 0..<10 { newestFirst[age] += 1e-3 * Double(age % 3) }
    newestFirst[1] = 5
    func fires(_ weighting: OverloadDetector.RegressionWeighting) -> Bool {
      isOverloaded(.localRegression(safety: 1.2, weighting: weighting), at: 0, newestFirst)
    }
    #expect(fires(.equal))
    #expect(fires(.tricube))
    #expect(!fires(.bisquare))
  }
}
