// SPDX-License-Identifier: Apache-2.0
public import Experiments
public import Foundation

/// What a sweep is to run: a scenario at several points, under several policies and seeds. A plan is
/// a file, so that several processes or machines can work on it and a killed one can go on.
public struct SweepPlan: Sendable, Hashable {
  /// One unit of work: all policies at a point under a seed.
  public struct Unit: Sendable, Hashable {
    /// Position of the point.
    public var point: Int
    /// The seed.
    public var seed: UInt64
  }

  /// The scenario file, relative to the plan's folder.
  public var scenario: String
  /// Values of `--set`, as written.
  public var settings: [String]
  /// Digest of the scenario before the axes, to notice when it has changed.
  public var scenarioDigest: String
  /// How the points were chosen.
  public var design: SweepDesign
  /// Paths of the axes.
  public var paths: [String]
  /// Values of the axes at each point.
  public var points: [[String]]
  /// Labels or names of the policies.
  public var policies: [String]
  /// First seed.
  public var firstSeed: UInt64
  /// Number of seeds; they are consecutive, and the same at every point.
  public var seedCount: Int

  /// Version of the file's form.
  public static let formatVersion = 1

  /// A plan.
  public init(
    scenario: String, settings: [String], scenarioDigest: String, design: SweepDesign,
    paths: [String], points: [[String]], policies: [String], firstSeed: UInt64, seedCount: Int
  ) {
    self.scenario = scenario
    self.settings = settings
    self.scenarioDigest = scenarioDigest
    self.design = design
    self.paths = paths
    self.points = points
    self.policies = policies
    self.firstSeed = firstSeed
    self.seedCount = seedCount
  }

  /// All units, point by point.
  public var units: [Unit] {
    points.indices.flatMap { point in
      (0..<seedCount).map { Unit(point: point, seed: firstSeed + UInt64($0)) }
    }
  }

  /// Distinguishes plans: results say which one they belong to.
  public var digest: String { digestText(of: json.compactText) }

  /// The overrides of a point.
  public func overrides(of point: Int) throws(StudyError) -> [ScenarioOverride] {
    var overrides: [ScenarioOverride] = []
    for (path, value) in zip(paths, points[point]) {
      guard let override = ScenarioOverride("\(path)=\(value)") else {
        throw StudyError("\"\(path)\" is not the path of a key")
      }
      overrides.append(override)
    }
    return overrides
  }

  /// The file.
  public var json: JSONValue {
    func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
    return .object([
      ("version", .integer(Self.formatVersion)), ("scenario", .string(scenario)),
      ("set", strings(settings)), ("scenarioDigest", .string(scenarioDigest)),
      ("design", .string(design.rawValue)), ("policies", strings(policies)),
      ("firstSeed", .integer(Int(firstSeed))), ("seedCount", .integer(seedCount)),
      ("paths", strings(paths)), ("points", .array(points.map(strings))),
    ])
  }

  /// Reads a plan from text; `file` stands for it in messages.
  ///
  /// - Throws: ``StudyError`` with file and key.
  public init(_ text: Data, file: String) throws(StudyError) {
    let form: Form
    do {
      form = try JSONDecoder().decode(Form.self, from: text)
    } catch let error as DecodingError {
      throw StudyError(BaselineError(error, file: file).description)
    } catch {
      throw StudyError("\(file): \(error.localizedDescription)")
    }
    guard form.version == Self.formatVersion else {
      throw StudyError(
        "\(file): version: this program reads version \(Self.formatVersion), not \(form.version)")
    }
    guard let design = SweepDesign(rawValue: form.design) else {
      throw StudyError("\(file): design: no design \"\(form.design)\"")
    }
    guard (1...10_000).contains(form.seedCount) else {
      throw StudyError("\(file): seedCount: expected 1 … 10000, found \(form.seedCount)")
    }
    guard (0...Int(Int32.max)).contains(form.firstSeed) else {
      throw StudyError("\(file): firstSeed: expected 0 … \(Int32.max), found \(form.firstSeed)")
    }
    guard !form.policies.isEmpty else { throw StudyError("\(file): policies: there are none") }
    if let bad = form.points.firstIndex(where: { $0.count != form.paths.count }) {
      throw StudyError(
        "\(file): points[\(bad)]: expected \(form.paths.count) values, one for each path")
    }
    self.init(
      scenario: form.scenario, settings: form.set, scenarioDigest: form.scenarioDigest,
      design: design, paths: form.paths, points: form.points, policies: form.policies,
      firstSeed: UInt64(form.firstSeed), seedCount: form.seedCount)
  }

  private struct Form: Decodable {
    var version: Int
    var scenario: String
    var set: [String]
    var scenarioDigest: String
    var design: String
    var policies: [String]
    // Signed, so that a negative one gets a message with its key.
    var firstSeed: Int
    var seedCount: Int
    var paths: [String]
    var points: [[String]]
  }
}
