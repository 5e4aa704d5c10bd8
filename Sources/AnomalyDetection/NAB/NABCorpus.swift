// SPDX-License-Identifier: Apache-2.0
import Foundation
public import Units

/// What is wrong with a folder in the layout of the Numenta Anomaly Benchmark.
public struct NABError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file or folder.
  public var file: String
  /// Line, from 1; nil when the problem is not on one line.
  public var line: Int?
  /// What would have been right.
  public var expected: String
  /// What was there instead.
  public var found: String

  /// `file:line: expected X, found Y`.
  public var description: String {
    file + (line.map { ":\($0)" } ?? "") + ": expected \(expected), found \(found)"
  }
}

/// One file of the benchmark with its anomaly windows.
public struct NABFile: Sendable, Equatable {
  /// Folder and file, as in `realAWSCloudwatch/ec2_cpu_utilization_24ae8d.csv`.
  public var name: String
  /// When each row was taken, as a time since 1970; not always ascending.
  public var times: [SimTime]
  /// The values; NaN where the field is empty.
  public var values: [Double]
  /// Rows of each anomaly window, inclusive, ascending.
  public var windows: [ClosedRange<Int>]

  /// The commonest distance of the rows (of several, the shortest); 5 min for a single row. A
  /// monitoring system knows it; here it is taken from the rows that the benchmark never scores.
  public var interval: SimTime {
    let known = max(2, NABScoredFile(scores: values, windows: []).probation)
    let steps = zip(times.prefix(known).dropFirst(), times).map { $0 - $1 }.filter { $0 > .zero }
      .sorted()
    var best: (step: SimTime, count: Int) = (.minutes(5), 0)
    var start = 0
    for index in steps.indices where index + 1 == steps.count || steps[index + 1] != steps[index] {
      if index + 1 - start > best.count { best = (steps[index], index + 1 - start) }
      start = index + 1
    }
    return best.step
  }
}

/// A folder `data/FOLDER/FILE.csv` with `labels/combined_windows.json`.
public struct NABCorpus: Sendable {
  /// The files, by folder and name (bytewise).
  public var files: [NABFile]

  /// The folders with files, in order.
  public var folders: [String] {
    var folders: [String] = []
    for file in files where folders.last != file.folder { folders.append(file.folder) }
    return folders
  }

  /// Reads every CSV file of a benchmark folder and its labels.
  ///
  /// - Throws: ``NABError`` when there is no file, a file is not of the form `timestamp,value`, the
  ///   labels are missing or no JSON, a file has no entry there, or a window does not begin and end
  ///   on rows of its file.
  public init(folder: String) throws(NABError) {
    let data = folder + "/data"
    let labels = try NABLabels(file: folder + "/labels/combined_windows.json")
    files = []
    for group in try Self.entries(of: data) where Self.isFolder(data + "/" + group) {
      for name in try Self.entries(of: data + "/" + group) where name.hasSuffix(".csv") {
        let path = "\(data)/\(group)/\(name)"
        files.append(
          try NABFile(path: path, name: group + "/" + name, labels: labels))
      }
    }
    guard !files.isEmpty else {
      throw NABError(file: data, expected: "FOLDER/FILE.csv", found: "no such file")
    }
  }

  /// Names in a folder, in bytewise order.
  private static func entries(of path: String) throws(NABError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path)
        .filter { !$0.hasPrefix(".") }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw NABError(file: path, expected: "a readable folder", found: "none")
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && isDirectory.boolValue
  }
}

extension NABFile {
  /// The folder that the file belongs to.
  public var folder: String { String(name.prefix { $0 != "/" }) }

  init(path: String, name: String, labels: NABLabels) throws(NABError) {
    self.name = name
    times = []
    values = []
    windows = []
    let contents = try NABLabels.contents(of: path)
    var number = 0
    for bytes in contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      var line = String(decoding: bytes, as: UTF8.self)
      if line.hasSuffix("\r") { line.removeLast() }
      if number == 1 {
        guard line == "timestamp,value" else {
          throw NABError(
            file: path, line: 1, expected: "the header timestamp,value", found: Self.shown(line))
        }
      } else if !line.isEmpty {
        try append(line, path, number)
      }
    }
    guard !values.isEmpty else {
      throw NABError(file: path, line: number, expected: "rows", found: "the end of the file")
    }
    windows = try labels.windows(of: self)
  }

  private mutating func append(_ line: String, _ path: String, _ number: Int) throws(NABError) {
    let fields = line.split(separator: ",", omittingEmptySubsequences: false)
    guard fields.count == 2, let time = parseTimestamp(fields[0]) else {
      throw NABError(
        file: path, line: number, expected: "YYYY-MM-DD hh:mm:ss,VALUE", found: Self.shown(line))
    }
    guard let value = fields[1].isEmpty ? .nan : Double(fields[1]) else {
      throw NABError(
        file: path, line: number, expected: "a number or nothing",
        found: Self.shown(String(fields[1])))
    }
    times.append(time)
    values.append(value)
  }

  private static func shown(_ text: String) -> String {
    "\"" + text.prefix(40).map { $0.isASCII && $0 >= " " ? String($0) : "?" }.joined() + "\""
  }
}
