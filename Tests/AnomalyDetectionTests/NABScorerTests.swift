// SPDX-License-Identifier: Apache-2.0
import AnomalyDetection
import Foundation
import Testing
import Units

/// Rounding of a few sums and one exponential.
private let rounding = 1e-12

/// S(p) of the scoring rules.
private func sigmoid(_ position: Double) -> Double { 2 / (1 + exp(5 * position)) - 1 }

/// 100 rows (probation: 15), a window of 10 rows.
private func file(_ detections: [Int], windows: [ClosedRange<Int>] = [50...59]) -> NABScoredFile {
  var scores = [Double](repeating: 0, count: 100)
  for row in detections { scores[row] = 1 }
  return NABScoredFile(scores: scores, windows: windows)
}

private func raw(_ files: [NABScoredFile], _ profile: NABProfile = .standard) -> Double {
  NABScorer.result(files, profile: profile, threshold: 1).raw
}

@Suite("NAB: the scorer's rules")
struct NABScorerTests {
  @Test("The first row of a window is worth 1, and later ones what the sigmoid says")
  func detection() {
    #expect(abs(raw([file([50])]) - 1) < rounding)
    for row in 51...59 {
      let expected = sigmoid(-Double(60 - row) / 10) / sigmoid(-1)
      #expect(abs(raw([file([row])]) - expected) < rounding)
    }
  }

  @Test("Only the earliest detection in a window counts")
  func earliest() {
    #expect(abs(raw([file([53, 54, 59])]) - raw([file([53])])) < rounding)
  }

  @Test("A missed window costs what the profile says", arguments: NABProfile.all)
  func missed(profile: NABProfile) {
    #expect(raw([file([])], profile) == -profile.falseNegative)
  }

  @Test("Every false alarm costs, less just after a window")
  func falseAlarms() {
    // Before the first window: the full cost, each.
    #expect(abs(raw([file([20, 21, 50])]) - (1 - 2 * 0.11)) < rounding)
    // Nine rows are one window length after the window, 27 three, 28 beyond.
    #expect(abs(raw([file([50, 68])]) - (1 + 0.11 * sigmoid(1))) < rounding)
    #expect(abs(raw([file([50, 86])]) - (1 + 0.11 * sigmoid(3))) < rounding)
    #expect(abs(raw([file([50, 87])]) - (1 - 0.11)) < rounding)
  }

  @Test("Rows and windows of the probationary period count for nothing")
  func probation() {
    #expect(file([]).probation == 15)
    #expect(abs(raw([file([3, 14, 50])]) - 1) < rounding)
    let early = file([], windows: [5...14, 50...59])
    #expect(NABScorer.best([early], profile: .standard).windows == 1)
    // A window that reaches beyond it counts, but only its rows there can detect.
    let across = file([14], windows: [10...19])
    #expect(raw([across]) == -1)
    let long = NABScoredFile(scores: [Double](repeating: 0, count: 10_000), windows: [])
    #expect(long.probation == 750)
  }

  @Test("The best threshold is one for all files, and perfect and null detectors get 100 and 0")
  func threshold() {
    let perfect = NABScorer.best([file([50]), file([30], windows: [30...39])], profile: .standard)
    #expect(abs(perfect.score - 100) < 1e-9 && perfect.threshold == 1 && perfect.hits == 2)
    let null = NABScorer.best([file([])], profile: .standard)
    #expect(null.score == 0 && null.threshold == .infinity)
    // The second file detects at 0.5 only, where the first one has ten false alarms (1.1 > 1).
    var noisy = file([50])
    for row in 20..<40 { noisy.scores[row] = 0.5 }
    var late = file([])
    late.scores[50] = 0.5
    #expect(NABScorer.best([noisy, late], profile: .standard).threshold == 1)
    for row in 38..<40 { noisy.scores[row] = 0 }
    #expect(NABScorer.best([noisy, late], profile: .standard).threshold == 0.5)
  }

  @Test("Scores that are no number detect nothing, and no file at all scores 0")
  func notANumber() {
    var hostile = file([50])
    for row in 20..<40 { hostile.scores[row] = .nan }
    #expect(abs(NABScorer.best([hostile], profile: .standard).score - 100) < 1e-9)
    #expect(NABScorer.best([], profile: .standard).score == 0)
    let empty = NABScoredFile(scores: [], windows: [])
    #expect(NABScorer.best([empty], profile: .standard).windows == 0)
  }
}

@Suite("NAB: folders that cannot be read")
struct NABCorpusTests {
  /// A folder with one data file and labels; removed at the end.
  private static func read(
    csv: String?, labels: String?
  ) throws -> Result<NABCorpus, NABError> {
    let root = FileManager.default.temporaryDirectory.appending(path: "nab-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    let data = root.appending(path: "data/real")
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    try FileManager.default.createDirectory(
      at: root.appending(path: "labels"), withIntermediateDirectories: true)
    if let csv { try Data(csv.utf8).write(to: data.appending(path: "a.csv")) }
    if let labels {
      try Data(labels.utf8).write(to: root.appending(path: "labels/combined_windows.json"))
    }
    do throws(NABError) {
      return .success(try NABCorpus(folder: root.path))
    } catch {
      return .failure(error)
    }
  }

  private static let rows = """
    timestamp,value
    2014-02-14 14:30:00,1
    2014-02-14 14:35:00,2.5
    2014-02-14 14:40:00,

    """

  @Test("A folder of the benchmark's layout is read")
  func good() throws {
    let labels = """
      {"real/a.csv": [["2014-02-14 14:35:00.000000", "2014-02-14 14:40:00.000000"]]}
      """
    let corpus = try Self.read(csv: Self.rows, labels: labels).get()
    let file = try #require(corpus.files.first)
    #expect(corpus.folders == ["real"] && file.windows == [1...2])
    #expect(file.values[1] == 2.5 && file.values[2].isNaN)
    #expect(file.interval == .minutes(5))
    // 16 115 days from 1970 to 14 February 2014.
    #expect(file.times[0] == .days(16_115) + .minutes(14 * 60 + 30))
  }

  @Test(
    "What is wrong is said with its place",
    arguments: [
      (rows, nil, nil, "a readable file"),
      (nil, "{}", nil, "FOLDER/FILE.csv"),
      (rows, "{}", nil, "an entry \"real/a.csv\""),
      (rows, "[1", nil, "a JSON object"),
      ("a,b\n", "{}", 1, "the header timestamp,value"),
      ("timestamp,value\n2014-02-14 14:30:00,1\nyesterday,1\n", "{}", 3, "YYYY-MM-DD"),
      ("timestamp,value\n2014-02-14 14:30:00,much\n", "{}", 2, "a number or nothing"),
      ("timestamp,value\n2014-02-14 14:30:00\n", "{}", 2, "YYYY-MM-DD"),
      ("timestamp,value\n2014-02-30x14:30:00,1\n", "{}", 2, "YYYY-MM-DD"),
      ("timestamp,value\n", "{}", 2, "rows"),
      (rows, #"{"real/a.csv": [["2014-02-14 14:35:00"]]}"#, nil, "[first, last] time stamps"),
      (
        rows, #"{"real/a.csv": [["2014-02-14 14:35:00", "2014-02-14 15:35:00"]]}"#, nil,
        "windows that begin and end on rows"
      ),
      (
        rows,
        #"""
        {"real/a.csv": [["2014-02-14 14:30:00", "2014-02-14 14:35:00"],
        ["2014-02-14 14:35:00", "2014-02-14 14:40:00"]]}
        """#, nil, "windows of \"real/a.csv\" that do not overlap"
      ),
    ] as [(String?, String?, Int?, String)])
  func bad(csv: String?, labels: String?, line: Int?, expected: String) throws {
    guard case .failure(let error) = try Self.read(csv: csv, labels: labels) else {
      Issue.record("no error")
      return
    }
    #expect(error.line == line && error.expected.hasPrefix(expected), "\(error)")
    if let line { #expect(error.description.contains("a.csv:\(line): expected")) }
  }
}
