// SPDX-License-Identifier: Apache-2.0
import Experiments
import Foundation
import Studies
import Testing

@Suite("Designs of sweeps")
struct SweepDesignTests {
  private func axes(_ texts: [String]) throws -> [ScenarioAxis] {
    try texts.map { try ScenarioAxis($0) }
  }

  @Test("a grid has every combination once, the last axis fastest")
  func grid() throws {
    let points = try SweepDesign.grid.points(axes(["a=1..2", "b=x,y,z"]), count: 0, seed: 0)
    #expect(
      points == [["1", "x"], ["1", "y"], ["1", "z"], ["2", "x"], ["2", "y"], ["2", "z"]])
  }

  @Test("a Latin hypercube has one point in each stratum of each axis", arguments: 0..<5)
  func latin(seed: UInt64) throws {
    let points = try SweepDesign.latin.points(
      axes(["a=0.0..50.0", "b=0.0..50.0"]), count: 50, seed: seed)
    for axis in 0..<2 {
      let strata = points.compactMap { Double($0[axis]).map { Int($0) } }
      #expect(Set(strata) == Set(0..<50) && strata.count == 50)
    }
  }

  @Test("whole numbers are hit equally often", arguments: [SweepDesign.latin, .sobol])
  func balanced(design: SweepDesign) throws {
    let points = try design.points(axes(["a=1..4", "b=x,y"]), count: 63, seed: 1)
    for level in 1...4 { #expect((15...17).contains(points.count { $0[0] == "\(level)" })) }
  }

  @Test("more points of Sobol's sequence keep those that were there")
  func extended() throws {
    let axes = try axes(["a=0.0..1.0", "b=0.0..1.0"])
    let few = try SweepDesign.sobol.points(axes, count: 10, seed: 1)
    let many = try SweepDesign.sobol.points(axes, count: 30, seed: 2)
    #expect(Array(many[..<10]) == few)
  }

  @Test("random points depend on the seed and on nothing else")
  func random() throws {
    let axes = try axes(["a=0.0..1.0"])
    let first = try SweepDesign.random.points(axes, count: 20, seed: 1)
    #expect(try SweepDesign.random.points(axes, count: 20, seed: 1) == first)
    #expect(try SweepDesign.random.points(axes, count: 20, seed: 2) != first)
  }

  @Test("designs that cannot be are refused")
  func refused() throws {
    let free = try axes(["a=0.0..1.0"])
    #expect(throws: StudyError.self) { try SweepDesign.grid.points(free, count: 1, seed: 0) }
    #expect(throws: StudyError.self) { try SweepDesign.random.points([], count: 1, seed: 0) }
    #expect(throws: StudyError.self) { try SweepDesign.random.points(free, count: 0, seed: 0) }
    let big = try axes(["a=1..2000", "b=1..2000"])
    #expect(throws: StudyError.self) { try SweepDesign.grid.points(big, count: 1, seed: 0) }
    let many = try axes((0..<41).map { "a\($0)=1..2" })
    #expect(throws: StudyError.self) { try SweepDesign.sobol.points(many, count: 1, seed: 0) }
  }
}

@Suite("Sweeps")
struct SweepTests {
  private let files = ScenarioFolder(sharedFolder: nil)

  private func plan(_ axes: [String] = ["synthetic.vms=20,4000"]) throws -> SweepPlan {
    let axes = try axes.map { try ScenarioAxis($0) }
    return SweepPlan(
      scenario: "small.yaml", settings: [], scenarioDigest: try SmallScenario.file().digest,
      design: .grid, paths: axes.map(\.path),
      points: try SweepDesign.grid.points(axes, count: 1, seed: 0),
      policies: ["reactive-shadow", "none"], firstSeed: 1, seedCount: 2)
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "foreshadow-sweep-\(UUID().uuidString)"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  private func runner(
    _ folder: SweepFolder, part: SweepPart = .whole, jobs: Int = 2, set: [String] = []
  ) throws -> SweepRunner {
    try SweepRunner(
      folder, scenario: try SmallScenario.file(set: set), files: files,
      part: part, jobs: jobs)
  }

  @Test("a plan reads back as it was written")
  func roundTrip() throws {
    let plan = try plan()
    let read = try SweepPlan(Data(plan.json.prettyText.utf8), file: "plan.json")
    #expect(read == plan && read.digest == plan.digest)
  }

  @Test("results are those of comparisons; what is done is not done again")
  func results() throws {
    try withFolder { path in
      try SweepFolder.create(try plan(), at: path)
      let folder = try SweepFolder(path: path)
      // Two parts, as two machines would take them.
      let first = try runner(folder, part: SweepPart(index: 0, count: 2))
      #expect(first.open.count == 2)
      try first.run()
      #expect(try runner(folder).open.count == 2)
      try runner(folder, part: SweepPart(index: 1, count: 2), jobs: 1).run()
      #expect(try runner(folder).open.isEmpty)

      let comparison = try SmallScenario.compare(
        set: ["workload.synthetic.vms=20"], seeds: 1...2)
      for (index, unit) in folder.plan.units.prefix(2).enumerated() {
        let result = try #require(try folder.result(of: unit))
        let expected = comparison.results[0][index].metrics
        #expect(result.metrics.count == 2)
        for (value, wanted) in zip(result.metrics[0], expected) {
          #expect(value == wanted || (value.isNaN && wanted.isNaN))
        }
      }
      // 4000 VMs have no room: that is a result, too.
      let full = try #require(try folder.result(of: folder.plan.units[2]))
      #expect(full.obstacle != nil && full.metrics.isEmpty)
    }
  }

  @Test("a half-written file of a killed process is no result")
  func leftOver() throws {
    try withFolder { path in
      try SweepFolder.create(try plan(["synthetic.vms=20"]), at: path)
      let folder = try SweepFolder(path: path)
      try Data("{\"plan\":".utf8).write(
        to: URL(fileURLWithPath: "\(path)/results/.dat.nosync1.tmp"))
      #expect(try runner(folder).open.count == 2)
    }
  }

  @Test("results of another plan, and another scenario, are refused")
  func mixedUp() throws {
    try withFolder { path in
      try SweepFolder.create(try plan(["synthetic.vms=20"]), at: path)
      let folder = try SweepFolder(path: path)
      try runner(folder).run()
      let unit = folder.plan.units[0]
      let text = try plan(["synthetic.vms=21"]).json.prettyText
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/plan.json"))
      let other = try SweepFolder(path: path)
      #expect(throws: StudyError.self) { try other.result(of: unit) }
      #expect(throws: StudyError.self) { try runner(folder, set: ["duration=7 h"]) }
    }
  }

  @Test(
    "a bad plan is named with its key",
    arguments: [
      ("\"version\": 1", "\"version\": 2", "version"), ("\"grid\"", "\"gird\"", "design"),
      ("\"seedCount\": 2", "\"seedCount\": 0", "seedCount"),
      ("\"firstSeed\": 1", "\"firstSeed\": -1", "firstSeed"),
      ("\"paths\"", "\"path\"", "paths"), ("[\n      \"20\"\n    ]", "[]", "points[0]"),
    ])
  func malformed(old: String, new: String, key: String) throws {
    let text = try plan().json.prettyText
    #expect(text.contains(old))
    let changed = Data(text.replacing(old, with: new, maxReplacements: 1).utf8)
    let error = #expect(throws: StudyError.self) { try SweepPlan(changed, file: "plan.json") }
    #expect(error?.description.contains("plan.json: ") == true)
    #expect(error?.description.contains(key) == true)
  }
}
