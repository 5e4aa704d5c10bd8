// SPDX-License-Identifier: Apache-2.0
import Experiments
import Testing
import Units

/// A small specification with every kind of parameter, standing in for the models of a scenario.
struct SampleSpec: Equatable {
  var vms: Int
  var interval: SimTime
  var supply: Double
  var policies: [String]

  init(from source: inout some ParameterSource) {
    vms = source.section("workload", about: "Load.") { workload in
      workload.section("synthetic", about: "Generated load.") {
        $0.integer("vms", default: 200, in: 1...1_000_000, about: "How many VMs.")
      }
    }
    interval = source.section("telemetry", about: "Measuring.") {
      $0.time("interval", default: .seconds(15), in: .seconds(1) ... .hours(1), about: "How often.")
    }
    supply = source.section("cooling", about: "Cooling.") {
      $0.quantity("supplyTemperature", .temperature, default: 20, in: 5...40, about: "Supply air.")
    }
    source.section("dataCenter", about: "Plant.") { plant in
      plant.section("network", about: "Network.") {
        _ = $0.number("oversubscription", default: 3, in: 1...100, about: "Ratio.")
        _ = $0.choice("fabric", default: "leaf-spine", of: ["leaf-spine", "star"], about: "Shape.")
      }
    }
    policies = Self.readPolicies(from: &source)
  }

  private static func readPolicies<Source: ParameterSource>(from source: inout Source) -> [String] {
    source.alternatives(
      "policies", default: ["pvms", "none"],
      of: [
        Alternative("none", about: "Does nothing.") { _ in "none" },
        Alternative("pvms", about: "Predicts.") { _ in "pvms" },
        Alternative("reactive-shadow", about: "Reacts.") { source in
          let holdOff = source.time("holdOff", default: .minutes(30), about: "Delay.")
          return "reactive-shadow \(holdOff)"
        },
      ], about: "What is compared.")
  }
}

/// Reads a sample from YAML text.
func readSample(_ text: String) throws -> SampleSpec {
  let root = try parseYAML(text.utf8, source: "my.yaml")
  var reader = ScenarioReader(root: root) { path, _ in .found(path) }
  let spec = SampleSpec(from: &reader)
  _ = try reader.finish()
  return spec
}

@Suite("Scenario reader")
struct ScenarioReaderTests {
  @Test("an empty file is all defaults")
  func empty() throws {
    var defaults = DefaultParameters()
    #expect(try readSample("") == SampleSpec(from: &defaults))
  }

  @Test("the example of four mistakes gives four problems at their places")
  func example() throws {
    let text = """
      version: 1
      workload:
        synthetic:
          vms: -5
      dataCenter:
        network:
          oversubscripton: 3
      cooling: { supplyTemperature: 20 }
      policies:
        - pvms
        - { reactiv-shadow: { holdOff: 30 min } }
      """
    let error = #expect(throws: ScenarioError.self) { try readSample(text) }
    let expected = """
      my.yaml:1:1  version  unknown key; known: workload, telemetry, cooling, dataCenter, policies
      my.yaml:4:10 workload.synthetic.vms  expected a count of at least 1, found "-5"
      my.yaml:7:5  dataCenter.network.oversubscripton  unknown key; did you mean "oversubscription"?
      my.yaml:8:31 cooling.supplyTemperature  needs a unit, e.g. "20 °C"
      my.yaml:11:7 policies[1]  no policy "reactiv-shadow"; did you mean "reactive-shadow"? Known: none, pvms, reactive-shadow
      5 problems
      """
    #expect(error?.description == expected)
  }
}
