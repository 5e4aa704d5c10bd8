// SPDX-License-Identifier: Apache-2.0
import Experiments
import Testing
import Units

/// Finds every file; what a scenario means does not depend on what exists on this machine.
func readAny(_ text: String) throws -> (spec: ScenarioSpec, resolved: [ResolvedEntry]) {
  let root = try parseYAML(text.utf8, source: "my.yaml")
  var reader = ScenarioReader(root: root, isRecording: true) { path, _ in .found(path) }
  let spec = ScenarioSpec(from: &reader)
  return (spec, try reader.finish())
}

@Suite("Scenario round trip")
struct ScenarioRoundTripTests {
  /// One in forty or so is consistent.
  private static let seeds: Range<UInt64> = 0..<1000

  @Test("a random scenario, printed with all its values, reads back as itself", arguments: seeds)
  func randomScenario(seed: UInt64) throws {
    var source = RandomParameters(seed: seed)
    let spec = ScenarioSpec(from: &source)
    // Values that do not go together are another test's matter.
    guard source.problems.isEmpty else { return }
    let text = ResolvedPrinter.text(source.frames[0].entries)
    let (back, resolved) = try readAny(text)
    #expect(String(reflecting: back) == String(reflecting: spec), "\(text)")
    let again = try readAny(ResolvedPrinter.text(resolved))
    #expect(String(reflecting: again.spec) == String(reflecting: spec))
  }

  @Test("enough of the random scenarios are consistent for the test above to mean something")
  func consistency() {
    let consistent = Self.seeds.count { seed in
      var source = RandomParameters(seed: seed)
      _ = ScenarioSpec(from: &source)
      return source.problems.isEmpty
    }
    #expect(consistent >= 20)
  }

  @Test("the shortest scenario is all defaults, and so is its printed form")
  func defaults() throws {
    let (spec, resolved) = try readAny("version: 1")
    var source = DefaultParameters()
    #expect(String(reflecting: spec) == String(reflecting: ScenarioSpec(from: &source)))
    let text = ResolvedPrinter.text(resolved)
    #expect(String(reflecting: try readAny(text).spec) == String(reflecting: spec), "\(text)")
    // Every line but the version and the names of models is marked as default or as not given.
    let unmarked = text.split(separator: "\n").filter {
      !$0.contains("# default") && !$0.contains(": not given") && !$0.hasSuffix(":")
    }
    // The rows of a table stand below their marked key.
    #expect(
      unmarked == [
        "version: 1                                  # Version of the scenario format.",
        "      web-diurnal: 60 %", "      batch-nightly: 25 %", "      bursty: 15 %",
      ])
  }
}

@Suite("Text of values")
struct ValueTextTests {
  @Test(
    "people's units, exactly",
    arguments: [
      (86_400.0, Dimension.time, "1 d"), (604_800, .time, "7 d"), (300, .time, "5 min"),
      (0.25, .time, "250 ms"), (1.25e9, .dataRate, "10 Gb/s"), (2_147_483_648, .data, "2 GiB"),
      (0.3, .fraction, "30 %"), (20, .temperature, "20 °C"), (3000, .power, "3 kW"),
      (1, .cores, "1 core"), (2.5, .cores, "2.5 cores"), (0, .data, "0 B"),
    ])
  func units(value: Double, dimension: Dimension, text: String) throws {
    #expect(quantityText(value, dimension) == text)
    #expect(try parseQuantity(text, as: dimension) == value)
  }

  @Test("any value reads back as itself", arguments: Dimension.allCases)
  func exact(dimension: Dimension) throws {
    var source = RandomParameters(seed: 7)
    for exponent in -12...15 {
      let scale = Double(sign: .plus, exponent: exponent * 3, significand: 1)
      let value = source.number("value", default: 0, in: -scale...scale, about: "")
      let text = quantityText(value, dimension)
      #expect(try parseQuantity(text, as: dimension) == value, "\(text)")
    }
  }
}
