// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What a detection, a false alarm and a missed anomaly are worth in the Numenta Anomaly Benchmark.
public struct NABProfile: Sendable, Equatable {
  /// The profile's name in the benchmark.
  public var name: String
  /// Worth of a detection on the first row of a window (A_TP).
  public var truePositive: Double
  /// Cost of a row of false alarm far from any window (A_FP).
  public var falsePositive: Double
  /// Cost of a window without a detection (A_FN).
  public var falseNegative: Double

  /// A profile.
  public init(
    name: String, truePositive: Double, falsePositive: Double, falseNegative: Double
  ) {
    self.name = name
    self.truePositive = truePositive
    self.falsePositive = falsePositive
    self.falseNegative = falseNegative
  }

  /// The profile by which detectors are ranked (NAB v1.1, `config/profiles.json`).
  public static let standard = NABProfile(
    name: "standard", truePositive: 1, falsePositive: 0.11, falseNegative: 1)
  /// False alarms cost twice as much.
  public static let rewardLowFalsePositiveRate = NABProfile(
    name: "reward_low_FP_rate", truePositive: 1, falsePositive: 0.22, falseNegative: 1)
  /// Missed anomalies cost twice as much.
  public static let rewardLowFalseNegativeRate = NABProfile(
    name: "reward_low_FN_rate", truePositive: 1, falsePositive: 0.11, falseNegative: 2)
  /// The three profiles of the benchmark.
  public static let all = [standard, rewardLowFalsePositiveRate, rewardLowFalseNegativeRate]
}

/// The rows of one file that a detector has scored, and where its anomalies are.
public struct NABScoredFile: Sendable {
  /// One score a row; higher is more anomalous.
  public var scores: [Double]
  /// Row indices of each anomaly window, first and last inclusive, ascending and disjoint.
  public var windows: [ClosedRange<Int>]

  /// A file.
  public init(scores: [Double], windows: [ClosedRange<Int>]) {
    self.scores = scores
    self.windows = windows
  }

  /// Rows at the beginning that are not scored: ⌊min(0.15 · rows, 750)⌋.
  public var probation: Int { Int(min(0.15 * Double(scores.count), 750)) }
}

/// The score of a detector on some files under one profile.
public struct NABResult: Sendable, Equatable {
  /// 100 · (raw - null) / (perfect - null): 0 for a detector that never alarms, 100 for one that
  /// finds every window on its first row without a false alarm. 0 when there is no window.
  public var score: Double
  /// Sum of the files.
  public var raw: Double
  /// Rows from this score on are detections; infinite for a detector that never alarms.
  public var threshold: Double
  /// Raw score of each file.
  public var files: [Double]
  /// Windows with a detection.
  public var hits: Int
  /// Windows that are not wholly in the probationary period.
  public var windows: Int
  /// Rows of false alarm.
  public var falsePositives: Int
}

/// Scores detectors as the Numenta Anomaly Benchmark does (Lavin and Ahmad, ICMLA 2015; details as
/// in the published program v1.1).
///
/// Only the earliest detection in a window counts, worth more the earlier it is; every row of false
/// alarm costs, less shortly after a window; all files share one threshold.
public enum NABScorer {
  /// What one row adds when it is a detection.
  private struct Row {
    var score: Double
    var file: Int
    /// Window of the file; nil for a false alarm.
    var window: Int?
    var worth: Double
  }

  /// The result at the threshold that serves the profile best, as the benchmark chooses it: the
  /// highest of those that are equally good.
  public static func best(_ files: [NABScoredFile], profile: NABProfile) -> NABResult {
    scan(files, profile: profile, threshold: nil)
  }

  /// The result at a given threshold.
  public static func result(
    _ files: [NABScoredFile], profile: NABProfile, threshold: Double
  ) -> NABResult {
    scan(files, profile: profile, threshold: threshold)
  }

  /// Scaled sigmoid: 1 far left, 0 at 0, -1 far right (and beyond 3).
  static func sigmoid(_ position: Double) -> Double {
    position > 3 ? -1 : 2 / (1 + exp(5 * position)) - 1
  }

  /// Goes down through all thresholds, one group of equal scores at a time.
  private static func scan(
    _ files: [NABScoredFile], profile: NABProfile, threshold: Double?
  ) -> NABResult {
    let rows = rows(files, profile).sorted {
      ($1.score, $0.file) < ($0.score, $1.file)
    }
    var books = Books(files, profile)
    var best = books.result(threshold: .infinity)
    var next = 0
    while next < rows.count, threshold.map({ rows[next].score >= $0 }) ?? true {
      let level = rows[next].score
      while next < rows.count, rows[next].score == level {
        books.add(rows[next])
        next += 1
      }
      if threshold != nil || books.raw > best.raw { best = books.result(threshold: level) }
    }
    if let threshold { best.threshold = threshold }
    return best
  }

  private static func rows(_ files: [NABScoredFile], _ profile: NABProfile) -> [Row] {
    var rows: [Row] = []
    let first = sigmoid(-1)
    for (number, file) in files.enumerated() {
      var upcoming = 0
      for index in min(file.probation, file.scores.count)..<file.scores.count {
        // A score that is no number detects nothing.
        let score = file.scores[index].isNaN ? -.infinity : file.scores[index]
        while upcoming < file.windows.count, file.windows[upcoming].upperBound < index {
          upcoming += 1
        }
        if upcoming < file.windows.count, file.windows[upcoming].contains(index) {
          let window = file.windows[upcoming]
          let position = -Double(window.upperBound - index + 1) / Double(window.count)
          rows.append(
            Row(
              score: score, file: number, window: upcoming,
              worth: profile.truePositive * sigmoid(position) / first))
        } else {
          rows.append(
            Row(
              score: score, file: number, window: nil,
              worth: profile.falsePositive * outside(index, after: upcoming, file.windows)))
        }
      }
    }
    return rows
  }

  /// The share of a false alarm's cost: 0 … -1.
  private static func outside(_ index: Int, after next: Int, _ windows: [ClosedRange<Int>])
    -> Double
  {
    guard next > 0 else { return -1 }
    let window = windows[next - 1]
    let length = max(1, window.upperBound - window.lowerBound)
    return sigmoid(Double(index - window.upperBound) / Double(length))
  }

  /// Sums for the rows that are detections so far.
  private struct Books {
    private let profile: NABProfile
    private let windows: Int
    private var files: [Double]
    private var credit: [[Double?]]
    private var hits = 0
    private var falsePositives = 0
    /// Sum of the files.
    private(set) var raw: Double

    init(_ files: [NABScoredFile], _ profile: NABProfile) {
      self.profile = profile
      credit = files.map { $0.windows.map { _ in nil } }
      let scored = files.map { file in
        file.windows.count { $0.upperBound >= file.probation }
      }
      windows = scored.reduce(0, +)
      self.files = scored.map { -profile.falseNegative * Double($0) }
      raw = -profile.falseNegative * Double(windows)
    }

    mutating func add(_ row: Row) {
      var change = row.worth
      if let window = row.window {
        let earlier = credit[row.file][window]
        if let earlier, earlier >= row.worth { return }
        if earlier == nil { hits += 1 }
        credit[row.file][window] = row.worth
        change = row.worth - (earlier ?? -profile.falseNegative)
      } else {
        falsePositives += 1
      }
      files[row.file] += change
      raw += change
    }

    func result(threshold: Double) -> NABResult {
      let null = -profile.falseNegative * Double(windows)
      let perfect = profile.truePositive * Double(windows)
      return NABResult(
        score: windows > 0 ? 100 * (raw - null) / (perfect - null) : 0, raw: raw,
        threshold: threshold, files: files, hits: hits, windows: windows,
        falsePositives: falsePositives)
    }
  }
}
