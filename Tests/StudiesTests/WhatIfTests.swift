// SPDX-License-Identifier: Apache-2.0
import Experiments
import Studies
import Testing

@Suite("Axes of a scenario")
struct ScenarioAxisTests {
  @Test(
    "levels are what was written",
    arguments: [
      ("dataCenter.racks.count=2..5", ["2", "3", "4", "5"]),
      ("duration=1..2 h:0.25", ["1 h", "1.25 h", "1.5 h", "1.75 h", "2 h"]),
      ("x=0.1..0.35:0.1", ["0.1", "0.2", "0.3"]),
      ("x=0..1:0.1", ["0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1"]),
      ("x= a , b c", ["a", "b c"]), ("x=-2..-1 °C", ["-2 °C", "-1 °C"]),
      ("x={ a: [1, 2], b: 3 }, {a: 4},c", ["{ a: [1, 2], b: 3 }", "{a: 4}", "c"]),
    ])
  func levels(text: String, levels: [String]) throws {
    #expect(try ScenarioAxis(text).levels == levels)
  }

  @Test("ends with a point have no steps; places give numbers between")
  func continuous() throws {
    let axis = try ScenarioAxis("x=0.5..1.5 kW")
    #expect(axis.levels == nil)
    #expect(axis.value(at: 0) == "0.5 kW" && axis.value(at: 0.25) == "0.75 kW")
    let whole = try ScenarioAxis("x=2..5")
    #expect([0, 0.2499, 0.25, 0.999].map(whole.value) == ["2", "2", "3", "5"])
  }

  @Test("the end of a path that is one key's stands for it")
  func suffix() throws {
    #expect(try ScenarioAxis("racks.count=2..3").path == "dataCenter.racks.count")
    #expect(try ScenarioAxis("duration=1 h,2 h").path == "duration")
    #expect(try ScenarioAxis("racks[0].count=2..3").path == "racks[0].count")
  }

  @Test(
    "nonsense is refused",
    arguments: [
      "", "x", "=1..2", "x=", "x=1..", "x=..2", "x=2..1", "x=1..1", "x=a..b", "x=1..2:0",
      "x=1..2:a", "x=0..1:1e-9", "x=a,,b", "x=a,a", "x=nan..2", "x=1..inf",
    ])
  func refused(text: String) {
    #expect(throws: StudyError.self) { try ScenarioAxis(text) }
  }
}

@Suite("What-if questions")
struct WhatIfTests {
  private let folder = ScenarioFolder(sharedFolder: nil)

  private func ask(
    _ axis: String, _ goals: [String], price: String? = nil, search: WhatIf.Search = .all,
    jobs: Int = 2
  ) throws -> WhatIf {
    try WhatIf(
      WhatIf.Question(
        axis: try ScenarioAxis(axis), goals: try goals.map { try WhatIfGoal($0) },
        price: try price.map { try Metric.called($0) }, seedCount: 2, search: search),
      of: try SmallScenario.file(), folder: folder, jobs: jobs)
  }

  private func value(_ study: WhatIf) -> String? { study.answer.map { study.candidates[$0].value } }

  /// Offered work is proportional to nothing but the load, and energy grows with the racks; a
  /// goal that all racks meet is met cheapest by the fewest.
  @Test("energy is least with the fewest racks that hold the VMs")
  func racks() throws {
    let study = try ask(
      "racks.count=1..5", ["unservedCoreSeconds >= 0"], price: "energyItJoules")
    let feasible = try #require(study.candidates.firstIndex { $0.obstacle == nil })
    #expect(study.answer == feasible && study.candidates.count == 5 && study.isComplete)
    let energies = study.candidates[feasible...].map { $0.mean(1) }
    #expect(zip(energies, energies.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("VMs without room are an obstacle, not an error")
  func noRoom() throws {
    let study = try ask("workload.synthetic.vms=40,4000", ["unservedCoreSeconds >= 0"])
    #expect(study.candidates.map { $0.obstacle != nil } == [false, true])
    #expect(value(study) == "40")
  }

  @Test("bisection finds what trying all values finds, with fewer runs")
  func bisection() throws {
    // Less is degraded the longer a shadow is kept; the limit lies between the ends.
    let axis = "policies[0].reactive-shadow.holdOff=0..60 min:2"
    let all = try ask(axis, ["degradedVmSeconds >= 0"])
    let means = all.candidates.map { $0.mean(0) }
    #expect(means.count == 31)
    let limit = (means[0] + means[30]) / 2
    let scan = try ask(axis, ["degradedVmSeconds <= \(limit)"])
    let bisected = try ask(axis, ["degradedVmSeconds <= \(limit)"], search: .bisection)
    #expect(value(scan) == value(bisected) && value(scan) != nil)
    #expect(bisected.candidates.count < 12 || bisected.isComplete)
    #expect(
      try ask(axis, ["degradedVmSeconds <= \(limit)"], search: .bisection, jobs: 1).answer
        == bisected.answer)
  }

  @Test("nothing meets what cannot be met, and that is said after all were tried")
  func impossible() throws {
    let study = try ask("racks.count=2..4", ["servedCoreSeconds < 0"], search: .bisection)
    #expect(study.answer == nil && study.candidates.count == 3 && study.isComplete)
  }

  @Test(
    "goals are read",
    arguments: [
      ("degradedVmSeconds <= 1", 1.0, true), ("degradedVmSeconds<1", 1, false),
      ("degradedVmSeconds >=1e3", 999, false), ("degradedVmSeconds > 1", 2, true),
    ])
  func goals(text: String, value: Double, isMet: Bool) throws {
    #expect(try WhatIfGoal(text).isMet(by: value) == isMet)
    #expect(try WhatIfGoal(text).isMet(by: .nan) == false)
  }

  @Test(
    "nonsense is refused",
    arguments: [
      "", "x", "degradedVmSeconds", "degradedVmSeconds <= ", "degradedVmSecond <= 1",
      "degradedVmSeconds = 1", "degradedVmSeconds <= inf", "<= 1",
    ])
  func refused(text: String) {
    #expect(throws: StudyError.self) { try WhatIfGoal(text) }
  }

  @Test("a value that the key does not take is a problem of the scenario")
  func badValues() {
    #expect(throws: ScenarioError.self) { try ask("racks.count=1,two", ["pue > 0"]) }
    #expect(throws: ScenarioError.self) { try ask("racks.coun=1..2", ["pue > 0"]) }
    #expect(throws: StudyError.self) { try ask("decisionPeriod=0.5..1.5 min", ["pue > 0"]) }
  }
}
