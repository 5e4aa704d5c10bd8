// SPDX-License-Identifier: Apache-2.0
import Experiments
import Forecasting
import Testing
import Units

/// One mistake with the line that a person gets to read.
struct Mistake: Sendable, CustomTestStringConvertible {
  var name: String
  var text: String
  var message: String
  var testDescription: String { name }
}

/// What is wrong with a text, one line a problem.
private func complaints(_ text: String, overrides: [String] = []) -> String {
  let folder = ScenarioFolder(sharedFolder: nil)
  do throws(ScenarioError) {
    _ = try ScenarioFile(
      text: text.utf8, name: "my.yaml", overrides: overrides.compactMap { ScenarioOverride($0) },
      folder: folder)
    return ""
  } catch {
    return error.description.split(separator: "\n").dropLast().joined(separator: "\n")
  }
}

@Suite("Scenario messages")
struct ScenarioMessageTests {
  static let values = [
    Mistake(
      name: "unknown key with a near one", text: "version: 1\nnam: x",
      message: "my.yaml:2:1 nam  unknown key; did you mean \"name\"?"),
    Mistake(
      name: "unknown key that belongs elsewhere", text: "version: 1\npercentile: 90",
      message: "my.yaml:2:1 percentile  unknown key; did you mean \"workload.sizing.percentile\"?"),
    Mistake(
      name: "unknown key like no other", text: "version: 1\nrecording: { zzzzzz: 1 }",
      message:
        "my.yaml:2:14 recording.zzzzzz  unknown key; known: interval, vms, forecasts"),
    Mistake(
      name: "unknown forecast model",
      text: "version: 1\npolicies:\n  - pvms: { forecaster: { model: autoarma } }",
      message:
        "my.yaml:3:34 policies[0].pvms.forecaster.model  no model \"autoarma\"; "
        + "did you mean \"autoarima\"? Known: "
        + ForecastModel.names.prefix(12).joined(separator: ", ") + ", …"),
    Mistake(
      name: "a seasonal part without a season",
      text:
        "version: 1\npolicies:\n  - pvms: { forecaster: { model: { arima: { seasonalP: 1 } } } }",
      message:
        "my.yaml:3:43 policies[0].pvms.forecaster.model.arima.season  "
        + "a seasonal part needs a season of at least 2 samples"),
    Mistake(
      name: "below the range", text: "version: 1\nseed: -5",
      message: "my.yaml:2:7 seed  expected a count of at least 0, found \"-5\""),
    Mistake(
      name: "above the range", text: "version: 1\nworkload: { sizing: { percentile: 101 } }",
      message:
        "my.yaml:2:35 workload.sizing.percentile  expected a number of at most 100, found \"101\""),
    Mistake(
      name: "quantity below the range", text: "version: 1\nduration: 0.5 s",
      message: "my.yaml:2:11 duration  expected a time of at least 1 s, found \"0.5 s\""),
    Mistake(
      name: "missing unit", text: "version: 1\nduration: 24",
      message: "my.yaml:2:11 duration  needs a unit, e.g. \"24 s\""),
    Mistake(
      name: "unknown unit", text: "version: 1\nduration: 24 hr",
      message: "my.yaml:2:11 duration  no unit \"hr\" of time; did you mean \"h\"? "
        + "Known: s, min, h, d, ms, us, µs, ns, w"),
    Mistake(
      name: "no number", text: "version: 1\nduration: long",
      message: "my.yaml:2:11 duration  expected a time, e.g. \"300 s\", found \"long\""),
    Mistake(
      name: "quoted number", text: "version: 1\nseed: \"5\"",
      message: "my.yaml:2:7 seed  expected a count, found \"5\""),
    Mistake(
      name: "fraction of a count", text: "version: 1\nseed: 1.5",
      message: "my.yaml:2:7 seed  expected a count, found \"1.5\""),
    Mistake(
      name: "yes is not true", text: "version: 1\nrecording: { forecasts: yes }",
      message: "my.yaml:2:25 recording.forecasts  expected true or false, found \"yes\""),
    Mistake(
      name: "a list where a number belongs", text: "version: 1\nseed: [1, 2]",
      message: "my.yaml:2:7 seed  expected a count of at least 0, found a list"),
    Mistake(
      name: "a text where a mapping belongs", text: "version: 1\nworkload: heavy",
      message: "my.yaml:2:11 workload  expected a mapping, found \"heavy\""),
    Mistake(
      name: "nothing where a value belongs", text: "version: 1\nduration:",
      message:
        "my.yaml:2:10 duration  expected a time, e.g. \"300 s\", found nothing"),
    Mistake(
      name: "a list as the whole file", text: "- version: 1",
      message: "my.yaml:1:1  expected a mapping, found a list"),
  ]

  static let structure = [
    Mistake(
      name: "empty file", text: "",
      message: "my.yaml:1:1 version  required: a count of at least 1, e.g. \"version: 1\""),
    Mistake(
      name: "another version", text: "version: 2",
      message: "my.yaml:1:10 version  this program reads version 1, not 2 (see CHANGELOG)"),
    Mistake(
      name: "unknown choice", text: "version: 1\nworkload: { sizing: { basis: histroy } }",
      message: "my.yaml:2:30 workload.sizing.basis  no basis \"histroy\"; "
        + "did you mean \"history\"? Known: history, run, whole"),
    Mistake(
      name: "unknown model", text: "version: 1\nrecording: { vms: many }",
      message: "my.yaml:2:19 recording.vms  no vms \"many\"; known: all, none, sample"),
    Mistake(
      name: "two models", text: "version: 1\nrecording: { vms: { all: {}, none: {} } }",
      message: "my.yaml:2:30 recording.vms  expected one name, or one name with parameters below "
        + "it, found \"all\" and \"none\""),
    Mistake(
      name: "parameter of a model", text: "version: 1\nrecording: { vms: { sample: { cout: 3 } } }",
      message: "my.yaml:2:31 recording.vms.sample.cout  unknown key; did you mean \"count\"?"),
    Mistake(
      name: "parameter of a model that has none",
      text: "version: 1\nrecording: { vms: { all: { x: 3 } } }",
      message: "my.yaml:2:28 recording.vms.all.x  unknown key; nothing can be set here"),
    Mistake(
      name: "required key in a list", text: "version: 1\nmaintenance: [{ rack: 1, from: 02:00 }]",
      message: "my.yaml:2:15 maintenance[0].until  required: a time of day, e.g. \"02:00\", or a "
        + "time since the start, e.g. \"26 h\""),
    Mistake(
      name: "times in the wrong order",
      text: "version: 1\nmaintenance: [{ rack: 1, from: 1d 02:00, until: 04:00 }]",
      message:
        "my.yaml:2:49 maintenance[0].until  must be later than from (1d 02:00:00)"),
    Mistake(
      name: "no time of day",
      text: "version: 1\nmaintenance: [{ rack: 1, from: 25:00, until: 26 h }]",
      message:
        "my.yaml:2:32 maintenance[0].from  expected a time of day, e.g. \"02:00\", or a time "
        + "since the start, e.g. \"26 h\", found \"25:00\""),
    Mistake(
      name: "a rack that does not exist",
      text: "version: 1\nmaintenance: { rack: 5, from: 1 h, until: 2 h }",
      message: "my.yaml:2:22 maintenance[0].rack  no rack 5; there are racks 1 … 4"),
    Mistake(
      name: "a host that does not exist",
      text: "version: 1\nmaintenance: { hosts: [r1h01, r2h7], from: 1 h, until: 2 h }",
      message: "my.yaml:2:23 maintenance[0].hosts  no host \"r2h7\"; did you mean \"r2h07\"?"),
    Mistake(
      name: "hosts and rack at once",
      text: "version: 1\nmaintenance: { rack: 1, hosts: r1h01, from: 1 h, until: 2 h }",
      message: "my.yaml:2:22 maintenance[0].rack  give either rack or hosts"),
    Mistake(
      name: "no policy", text: "version: 1\npolicies: []",
      message: "my.yaml:2:11 policies  name at least one policy"),
    Mistake(
      name: "trace and synthetic at once",
      text: "version: 1\nworkload: { synthetic: { vms: 3 }, trace: { path: /dev/null } }",
      message: "my.yaml:2:36 workload.trace  only one of synthetic, trace can be given, "
        + "found \"synthetic\" and \"trace\""),
    Mistake(
      name: "a trace that is not there",
      text: "version: 1\nworkload: { trace: { path: nowhere.csv }, sizing: { basis: run } }",
      message: "my.yaml:2:28 workload.trace.path  no file or folder \"nowhere.csv\""),
    Mistake(
      name: "a fault of a host that is not there",
      text: "version: 1\ndataCenter: { racks: { count: 2, hosts: 3 } }\n"
        + "faults: { events: [{ what: { hostCrash: { hosts: [r1h03, r2h04] } }, at: 1 h }] }",
      message: "my.yaml:3:50 faults.events[0].what.hostCrash.hosts  no host \"r2h04\"; "
        + "did you mean \"r2h01\"?"),
    Mistake(
      name: "a fault of a rack that is not there",
      text: "version: 1\ndataCenter: { racks: { count: 2, hosts: 3 } }\n"
        + "faults: { events: [{ what: { rackSwitch: { rack: 3 } }, at: 1 h }] }",
      message: "my.yaml:3:50 faults.events[0].what.rackSwitch.rack  no rack 3; "
        + "there are racks 1 … 2"),
    Mistake(
      name: "an import that is not there", text: "version: 1\nimport: nowhere.yaml",
      message: "my.yaml:2:9 import  no file or folder \"nowhere.yaml\""),
  ]

  static let syntax = [
    Mistake(
      name: "unclosed bracket", text: "version: 1\nseed: [1, 2",
      message: "my.yaml:3:1  not valid YAML: did not find expected ',' or ']' "
        + "(while parsing a flow sequence at line 2)"),
    Mistake(
      name: "tabs as indentation", text: "version: 1\nworkload:\n\tsizing: {}",
      message: "my.yaml:3:1  not valid YAML: found character that cannot start any token "
        + "(while scanning for the next token at line 3)"),
    Mistake(
      name: "duplicate key", text: "version: 1\nseed: 1\nseed: 2",
      message: "my.yaml:2:1  duplicate key \"seed\""),
    Mistake(
      name: "anchor", text: "version: &v 1\nseed: 2",
      message: "my.yaml:1:10  YAML anchors (&name) and aliases (*name) are not supported; "
        + "write the values out"),
    Mistake(
      name: "merge key", text: "version: 1\n<<: { seed: 2 }",
      message: "my.yaml:2:1  YAML merge keys (<<) are not supported; write the values out"),
    Mistake(
      name: "tag", text: "version: !int 1",
      message: "my.yaml:1:10  YAML tags (!name) are not supported"),
    Mistake(
      name: "two documents", text: "version: 1\n---\nversion: 1",
      message: "my.yaml:2:1  not valid YAML: but found another document "
        + "(expected a single document in the stream at line 1)"),
    Mistake(
      name: "a list as a key", text: "version: 1\n? [a]\n: 1",
      message: "my.yaml:2:3  a key must be a plain name"),
    Mistake(
      name: "a control character", text: "version: 1\nname: a\u{1}b",
      message: "my.yaml:2:8  not valid YAML: control characters are not allowed"),
  ]

  @Test("each mistake has its message", arguments: values + structure + syntax)
  func message(mistake: Mistake) {
    #expect(complaints(mistake.text) == mistake.message)
  }

  @Test("all problems are reported at once, in the order of the file")
  func together() {
    let mistakes = Self.values.filter { $0.text.hasPrefix("version: 1\nrecording: { zz") }
    #expect(mistakes.count == 1)
    let text = """
      seed: -1
      duration: 5
      recording: { vms: many, interval: 1 min }
      """
    #expect(
      complaints(text) == """
        my.yaml:1:1  version  required: a count of at least 1, e.g. "version: 1"
        my.yaml:1:7  seed  expected a count of at least 0, found "-1"
        my.yaml:2:11 duration  needs a unit, e.g. "5 s"
        my.yaml:3:19 recording.vms  no vms "many"; known: all, none, sample
        """)
  }

  @Test("invalid UTF-8 is reported where it stands")
  func encoding() {
    let bytes = Array("version: 1\nname: é".utf8) + [0xFF] + Array("\n".utf8)
    let error = #expect(throws: ScenarioError.self) {
      try ScenarioFile(text: bytes, name: "my.yaml", folder: ScenarioFolder(sharedFolder: nil))
    }
    #expect(error?.description == "my.yaml:2:8  not UTF-8 text\n1 problem")
  }

  @Test(
    "hostile nesting and alias bombs end in a message",
    arguments: [
      String(repeating: "[", count: 100_000), String(repeating: "- ", count: 100_000),
      String(repeating: "{a: ", count: 100_000), String(repeating: "? ", count: 50_000),
      (0..<40).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
      "a: &a [x]\n" + (1..<30).map { "a\($0): &a [*a, *a, *a, *a]\n" }.joined() + "? *a\n: 1\n",
      String(repeating: "x", count: 2 << 20),
    ])
  func hostile(text: String) {
    #expect(complaints(text) != "")
  }
}

@Suite("Overrides")
struct OverrideTests {
  private func spec(_ text: String, _ overrides: String...) throws -> ScenarioSpec {
    try ScenarioFile(
      text: text.utf8, name: "my.yaml", overrides: overrides.compactMap { ScenarioOverride($0) },
      folder: ScenarioFolder(sharedFolder: nil)
    ).spec
  }

  @Test("a value is replaced, and what is around it is made")
  func replace() throws {
    #expect(try spec("version: 1\nseed: 3", "seed=5").seed == 5)
    #expect(
      try spec("version: 1", "workload.sizing.percentile=50").workload.sizing.quantile == 0.5)
    #expect(try spec("version: 1", "duration=2 h", "duration=3 h").duration == .hours(3))
    #expect(
      try spec("version: 1", "recording={ forecasts: false }").recording.keepsForecasts == false)
  }

  @Test("elements of lists are replaced and appended")
  func lists() throws {
    let text = "version: 1\nmaintenance: [{ rack: 1, from: 1 h, until: 2 h }]"
    let windows = try spec(
      text, "maintenance[0].until=3 h", "maintenance[1]={ hosts: [r1h02], from: 1 h, until: 2 h }"
    ).maintenance
    #expect(windows.map(\.until) == [.hours(3), .hours(2)])
    #expect(windows[1].target == .hosts(["r1h02"]))
  }

  @Test("a model chosen by an override replaces the file's")
  func models() throws {
    let text = "version: 1\nrecording: { vms: { sample: { count: 7 } } }"
    #expect(try spec(text, "recording.vms=none").recording.vmCount == 0)
    #expect(try spec(text, "recording.vms.all={}").recording.vmCount == nil)
    #expect(try spec(text, "recording.vms.sample.count=9").recording.vmCount == 9)
  }

  @Test(
    "problems name the override",
    arguments: [
      ("seed=x", "--set seed  expected a count, found \"x\""),
      ("sed=1", "--set sed  unknown key; did you mean \"seed\"?"),
      (
        "seed=[1",
        "--set seed  not valid YAML: did not find expected ',' or ']' "
          + "(while parsing a flow sequence at line 1)"
      ),
      (
        "maintenance[3].rack=1",
        "--set maintenance[3].rack  no element [3]; there are 0, and [0] would add one"
      ),
      (
        "workload={ sizing: { basis: x } }",
        "--set workload workload.sizing.basis  no basis \"x\"; known: history, run, whole"
      ),
    ])
  func problems(override: String, message: String) {
    #expect(complaints("version: 1", overrides: [override]) == message)
  }

  @Test("what is not path=value is refused", arguments: ["seed", "=1", "a..b=1", "a[=1", "a[x]=1"])
  func refused(text: String) {
    #expect(ScenarioOverride(text) == nil)
  }
}
