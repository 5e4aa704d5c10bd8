// SPDX-License-Identifier: Apache-2.0
import Experiments
import Foundation

/// What a unit of a sweep gave.
public struct SweepResult: Sendable {
  /// The unit.
  public var unit: SweepPlan.Unit
  /// Why nothing could be run, e.g. VMs that have no room.
  public var obstacle: String?
  /// Values of `Metric.all` for each policy of the plan; empty with an obstacle.
  public var metrics: [[Double]]

  /// A result.
  public init(unit: SweepPlan.Unit, obstacle: String?, metrics: [[Double]]) {
    self.unit = unit
    self.obstacle = obstacle
    self.metrics = metrics
  }
}

/// The folder of a sweep: `plan.json`, and a file for each unit that is done.
///
/// A result is written under another name and renamed when it is complete, so that a process that is
/// killed at any moment leaves whole results or none.
public struct SweepFolder: Sendable {
  /// Where the folder is.
  public let path: String
  /// The plan.
  public let plan: SweepPlan
  private let digest: String

  private static let planName = "plan.json"

  /// Opens the folder of a sweep.
  ///
  /// - Throws: ``StudyError`` when there is no plan or it cannot be used.
  public init(path: String) throws(StudyError) {
    let file = "\(path)/\(Self.planName)"
    guard let text = FileManager.default.contents(atPath: file) else {
      throw StudyError("\(file): cannot be read; `foreshadow sweep plan` writes it")
    }
    self.path = path
    plan = try SweepPlan(text, file: file)
    digest = plan.digest
  }

  /// Whether there is a plan in a folder.
  public static func hasPlan(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(path)/\(planName)")
  }

  /// Writes a plan into a folder, which is made if need be. Results of other plans go away.
  ///
  /// - Throws: Foundation's error when that cannot be written.
  public static func create(_ plan: SweepPlan, at path: String) throws {
    let results = "\(path)/results"
    try? FileManager.default.removeItem(atPath: results)
    try FileManager.default.createDirectory(atPath: results, withIntermediateDirectories: true)
    try Data((plan.json.prettyText + "\n").utf8).write(
      to: URL(fileURLWithPath: "\(path)/\(planName)"), options: .atomic)
  }

  private func name(of unit: SweepPlan.Unit) -> String {
    "point\(unit.point)-seed\(unit.seed).json"
  }

  private func file(of unit: SweepPlan.Unit) -> String { "\(path)/results/\(name(of: unit))" }

  /// Those of some units that are not done yet, in their order.
  ///
  /// - Throws: ``StudyError`` when a file is not a result of this plan.
  public func open(among units: [SweepPlan.Unit]) throws(StudyError) -> [SweepPlan.Unit] {
    // One listing instead of a look for each file, of which there can be many on a slow disk.
    let listing = try? FileManager.default.contentsOfDirectory(atPath: "\(path)/results")
    let names = Set(listing ?? [])
    var open: [SweepPlan.Unit] = []
    for unit in units {
      if !names.contains(name(of: unit)) {
        open.append(unit)
      } else if try result(of: unit) == nil {
        open.append(unit)
      }
    }
    return open
  }

  /// The result of a unit; nil when it is not done yet.
  ///
  /// - Throws: ``StudyError`` when its file is not a result of this plan.
  public func result(of unit: SweepPlan.Unit) throws(StudyError) -> SweepResult? {
    let name = file(of: unit)
    guard let text = FileManager.default.contents(atPath: name) else { return nil }
    let form: ResultForm
    do {
      form = try JSONDecoder().decode(ResultForm.self, from: text)
    } catch let error as DecodingError {
      throw StudyError(BaselineError(error, file: name).description)
    } catch {
      throw StudyError("\(name): \(error.localizedDescription)")
    }
    guard form.plan == digest else {
      throw StudyError("\(name): is of another plan; `foreshadow sweep plan --force` begins anew")
    }
    let metrics = form.metrics.map { row in row.map { $0 ?? .nan } }
    guard
      form.obstacle != nil
        || (metrics.count == plan.policies.count
          && metrics.allSatisfy { $0.count == Metric.all.count })
    else {
      throw StudyError("\(name): has other metrics than this program; begin anew")
    }
    return SweepResult(unit: unit, obstacle: form.obstacle, metrics: metrics)
  }

  /// Keeps a result; it appears complete or not at all.
  ///
  /// - Throws: Foundation's error when that cannot be written.
  public func store(_ result: SweepResult) throws {
    let json = JSONValue.object([
      ("plan", .string(digest)),
      ("obstacle", result.obstacle.map { .string($0) } ?? .null),
      ("metrics", .array(result.metrics.map { .array($0.map { .number($0) }) })),
    ])
    try Data((json.compactText + "\n").utf8).write(
      to: URL(fileURLWithPath: file(of: result.unit)), options: .atomic)
  }

  private struct ResultForm: Decodable {
    var plan: String
    var obstacle: String?
    var metrics: [[Double?]]
  }
}
