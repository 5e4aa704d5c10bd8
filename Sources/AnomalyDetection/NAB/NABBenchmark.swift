// SPDX-License-Identifier: Apache-2.0

/// A detector's scores on some files of the benchmark under its three profiles.
public struct NABReport: Sendable, Equatable {
  /// The folder, or `all`.
  public var folder: String
  /// Names of the files, in the order of ``NABResult/files``.
  public var fileNames: [String]
  /// One result for each of ``NABProfile/all``, each at its own best threshold.
  public var results: [NABResult]
  /// The standard profile at the detector's own alarm threshold.
  public var atAlarmThreshold: NABResult
}

extension NABCorpus {
  /// Runs the detector over every file, each from a cold start, in order of its rows.
  ///
  /// - Returns: one report a folder and, with several folders, a last one for `all` of them.
  public func evaluate(_ spec: AnomalyDetectorSpec = AnomalyDetectorSpec()) -> [NABReport] {
    let scored = files.map { file in
      NABScoredFile(scores: file.scores(spec), windows: file.windows)
    }
    func report(_ folder: String, _ chosen: [Int]) -> NABReport {
      let part = chosen.map { scored[$0] }
      return NABReport(
        folder: folder, fileNames: chosen.map { files[$0].name },
        results: NABProfile.all.map { NABScorer.best(part, profile: $0) },
        atAlarmThreshold: NABScorer.result(part, profile: .standard, threshold: 0.5))
    }
    let reports = folders.map { folder in
      report(folder, files.indices.filter { files[$0].folder == folder })
    }
    return reports.count == 1 ? reports : reports + [report("all", Array(files.indices))]
  }
}

extension NABFile {
  /// The detector's score of every row.
  public func scores(_ spec: AnomalyDetectorSpec = AnomalyDetectorSpec()) -> [Double] {
    var detector = AnomalyDetector(spec: spec, interval: interval)
    return zip(values, times).map { detector.observe($0, at: $1).score }
  }
}
