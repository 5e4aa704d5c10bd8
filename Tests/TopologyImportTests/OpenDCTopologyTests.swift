// SPDX-License-Identifier: Apache-2.0
import DataCenter
import Experiments
import Facility
import Foundation
import SimulationKernel
import Testing
import TopologyImport
import Units

/// A topology of one cluster with one kind of host.
private func topology(
  host: String = "", cpu: String = "\"coreCount\": 16, \"coreSpeed\": 2500",
  memory: String = "131072", power: String? = nil, cluster: String = ""
) -> String {
  let model = power.map { ", \"powerModel\": { \($0) }" } ?? ""
  return """
    { "clusters": [
      { \(cluster) "hosts": [
        { \(host) "cpu": { \(cpu) },
          "memory": { "memorySize": \(memory) }\(model) } ] } ] }
    """
}

private func read(_ text: String, hostsPerRack: Int = 20) throws -> OpenDCTopology {
  try OpenDCTopology(text: Array(text.utf8), name: "t.json", hostsPerRack: hostsPerRack)
}

/// The racks that a scenario has which imports the topology.
private func plant(_ topology: OpenDCTopology) throws -> [RackGroupSpec] {
  let text = "version: 1\nname: imported\npolicies: [none]\n" + topology.scenarioText
  let folder = ScenarioFolder(sharedFolder: nil)
  return try ScenarioFile(text: Array(text.utf8), name: "s.yaml", folder: folder)
    .spec.dataCenter.racks
}

/// OpenDC's formulas: `CpuPowerModels` of OpenDC 2.4; mse is Fan et al. 2007, asymptotic is
/// GreenCloud's.
private let powerModels: [(json: String, watts: @Sendable (Double) -> Double)] = [
  ("\"modelType\": \"constant\", \"power\": 350", { _ in 350 }),
  (
    "\"modelType\": \"constant\", \"power\": 350, \"maxPower\": 9, \"idlePower\": 8", { _ in 350 }
  ),
  ("\"modelType\": \"linear\", \"idlePower\": 200, \"maxPower\": 400", { 200 + 200 * $0 }),
  (
    "\"modelType\": \"sqrt\", \"idlePower\": 200.0, \"maxPower\": 350.0, \"power\": 350",
    { 200 + 150 * $0.squareRoot() }
  ),
  ("\"modelType\": \"square\", \"idlePower\": 300, \"maxPower\": 500", { 300 + 200 * $0 * $0 }),
  (
    "\"modelType\": \"cubic\", \"idlePower\": \"0.1 KW\", \"maxPower\": \"300 Watts\"",
    { 100 + 200 * $0 * $0 * $0 }
  ),
  (
    "\"modelType\": \"mse\", \"idlePower\": 100, \"maxPower\": 300, \"calibrationFactor\": 1.4",
    { 100 + 200 * (2 * $0 - pow($0, 1.4)) }
  ),
  (
    "\"modelType\": \"asymptotic\", \"idlePower\": 100, \"maxPower\": 300, \"asymUtil\": 0.3",
    { 100 + 100 * (1 + pow($0, 3) - exp(-pow($0, 3) / 0.3)) }
  ),
  (
    "\"modelType\": \"asymptotic\", \"idlePower\": 100, \"maxPower\": 300, \"asymUtil\": 0.3, "
      + "\"dvfs\": false", { 100 + 100 * (1 + $0 - exp(-$0 / 0.3)) }
  ),
]

private let mebibyte = 1_048_576.0
private let memorySizes: [(text: String, bytes: Double)] = [
  ("100000", 100_000 * mebibyte), ("\"100000\"", 100_000 * mebibyte),
  ("\"128e3 MiB\"", 128_000 * mebibyte), ("\"128 GiB\"", 131_072 * mebibyte),
  ("\"256GB\"", 256e9), ("\"8 Gb\"", 1e9), ("\"1 TB\"", 1e12),
  ("\"2 mebibytes\"", 2 * mebibyte), ("2e3", 2000 * mebibyte),
]

@Suite("OpenDC topologies")
struct OpenDCTopologyTests {
  @Test("a power model is OpenDC's at any load", arguments: 0..<powerModels.count)
  func formulas(index: Int) throws {
    let model = powerModels[index]
    let server = try #require(try plant(read(topology(power: model.json))).first?.server.model)
    for load in stride(from: 0, through: 1, by: 0.05) {
      let watts = server.curve.power(at: load).value
      // Two orders of the same few operations.
      #expect(
        abs(watts - model.watts(load)) <= 1e-9 * model.watts(load), "\(model.json) at \(load)")
    }
  }

  @Test("a host without a power model draws what OpenDC takes then: 200 to 400 W, linear")
  func defaultPower() throws {
    let server = try #require(try read(topology()).racks.first?.server)
    #expect(server.curve == .linear(idle: 200, max: 400))
  }

  @Test("a size without a unit is in MiB; a small b is a bit", arguments: memorySizes)
  func sizes(text: String, bytes: Double) throws {
    let topology = try read(topology(memory: text))
    #expect(topology.racks.map(\.server.memory.value) == [bytes])
    #expect(try plant(topology).map(\.server.model.memory.value) == [bytes])
  }

  @Test("the first host's cores are the reference; others are as fast as their clock says")
  func speeds() throws {
    let text = """
      {"clusters": [{"name": "A", "hosts": [
        {"name": "slow", "cpus": [{"coreCount": 4, "coreSpeed": 2000},
          {"coreCount": 8, "count": 2, "coreSpeed": "2 Ghz"}], "memory": {"memorySize": 65536}},
        {"name": "fast", "cpuModel": {"coreCount": 32, "coreSpeed": 3200.0},
          "memory": {"memorySize": 65536}}]}], "schemaVersion": 1}
      """
    let topology = try read(text)
    #expect(topology.referenceHertz == 2e9)
    #expect(topology.racks.map(\.server.cores) == [20, 32])
    #expect(topology.racks.map(\.coreSpeed) == [1, 1.6])
    #expect(topology.racks.map(\.name) == ["A / slow", "A / fast"])
    #expect(try plant(topology).map(\.coreSpeed) == [1, 1.6])
  }

  @Test("racks keep every host, none across clusters and none too full", arguments: 0..<20)
  func racks(seed: Int) throws {
    var stream = RandomStream(seed: UInt64(seed), purpose: "topology")
    let perRack = 1 + stream.integer(below: 40)
    var clusters: [String] = []
    var expected: (hosts: Int, cores: Int, racks: Int) = (0, 0, 0)
    for _ in 0...stream.integer(below: 3) {
      let count = 1 + stream.integer(below: 4)
      var hosts: [String] = []
      for _ in 0...stream.integer(below: 2) {
        let number = 1 + stream.integer(below: 100)
        let cores = 1 + stream.integer(below: 64)
        expected.hosts += count * number
        expected.cores += count * number * cores
        expected.racks += count * ((number + perRack - 1) / perRack)
        hosts.append(
          "{\"count\": \(number), \"cpu\": {\"coreCount\": \(cores), \"coreSpeed\": 2100}, "
            + "\"memory\": {\"memorySize\": 4096}}")
      }
      clusters.append("{\"count\": \(count), \"hosts\": [\(hosts.joined(separator: ","))]}")
    }
    let text = "{\"clusters\": [\(clusters.joined(separator: ","))]}"
    let racks = try plant(read(text, hostsPerRack: perRack))
    #expect(racks.reduce(0) { $0 + $1.count * $1.hosts } == expected.hosts)
    let cores = racks.reduce(0) { $0 + $1.count * $1.hosts * Int($1.server.model.cores.value) }
    #expect(cores == expected.cores)
    #expect(racks.reduce(0) { $0 + $1.count } == expected.racks)
    #expect(racks.allSatisfy { $0.hosts <= perRack })
  }

  @Test("a name cannot leave its comment")
  func names() throws {
    let evil = "\"name\": \"x\\npolicies: [pvms]\\u2028y\","
    let topology = try read(topology(host: evil))
    #expect(try plant(topology).count == 1)
    #expect(
      topology.scenarioText.split(whereSeparator: \.isNewline).allSatisfy { line in
        line.hasPrefix("#") || line.hasPrefix("dataCenter:") || line.hasPrefix("  ")
      })
  }
}

@Suite("What OpenDC topologies cannot say here")
struct OpenDCRefusalTests {
  private static let cpu = "\"coreCount\": 16, \"coreSpeed\": 2500"

  @Test(
    "is refused with line, key and reason",
    arguments: [
      (
        topology(host: "\"gpu\": {\"coreCount\": 1},"), 3, "clusters[0].hosts[0].gpu",
        "no counterpart"
      ),
      (topology(cluster: "\"battery\": {\"capacity\": 3},"), 2, "clusters[0].battery", "carbon"),
      (
        topology(cluster: "\"powerSource\": {\"maxPower\": 9000},"), 2,
        "clusters[0].powerSource.maxPower", "rackCaps"
      ),
      (
        topology(cluster: "\"powerSource\": {\"carbonTracePath\": \"x\"},"), 2,
        "clusters[0].powerSource.carbonTracePath", "carbonIntensity"
      ),
      (topology(host: "\"cout\": 3,"), 3, "clusters[0].hosts[0].cout", "did you mean \"count\"?"),
      (topology(host: "\"count\": 0,"), 3, "clusters[0].hosts[0].count", "\"0\""),
      (topology(host: "\"count\": 1e9,"), 3, "clusters[0].hosts[0].count", "1 to 100000"),
      (topology(cpu: "\"coreSpeed\": 1"), 3, "clusters[0].hosts[0].cpu.coreCount", "is missing"),
      (
        topology(cpu: "\"coreCount\": 1, \"coreSpeed\": \"3 GW\""), 3,
        "clusters[0].hosts[0].cpu.coreSpeed", "2.5 GHz"
      ),
      (topology(memory: "{}"), 4, "clusters[0].hosts[0].memory.memorySize", "found a mapping"),
      (topology(memory: "-5"), 4, "clusters[0].hosts[0].memory.memorySize", "out of range"),
      (topology(memory: "1e999"), 4, "clusters[0].hosts[0].memory.memorySize", "number"),
      (
        topology(power: "\"modelType\": \"lineer\""), 4,
        "clusters[0].hosts[0].powerModel.modelType", "asymptotic, found \"lineer\""
      ),
      (
        topology(power: "\"modelType\": \"linear\", \"idlePower\": 3, \"maxPower\": 2"), 4,
        "clusters[0].hosts[0].powerModel.idlePower", "above"
      ),
      (
        topology(power: "\"modelType\": \"linear\", \"idlePower\": \"3 mW\", \"maxPower\": 9"), 4,
        "clusters[0].hosts[0].powerModel.idlePower", "200 W"
      ),
      (
        topology(power: "\"modelType\": \"asymptotic\", \"idlePower\": 3, \"maxPower\": 9"), 4,
        "clusters[0].hosts[0].powerModel.asymUtil", "OpenDC's default 0"
      ),
      (
        topology(host: "\"cpuModel\": {\(cpu)},"), 3, "clusters[0].hosts[0].cpuModel",
        "beside \"cpu\""
      ),
      ("{}", 1, "clusters", "is missing"), ("{\"clusters\": []}", 1, "clusters", "list"),
      ("[]", 1, "", "an object"), ("{\"clusters\": [3]}", 1, "clusters[0]", "an object"),
    ])
  func refusals(text: String, line: Int, path: String, message: String) throws {
    let error = try #require(throws: ScenarioError.self) { try read(text) }
    let problem = try #require(error.problems.first { $0.path == path }, "\(error)")
    #expect(problem.location.source == "t.json" && problem.location.line == line, "\(error)")
    #expect(problem.message.contains(message), "\(error)")
  }

  @Test("CPUs of several speeds in one host are refused")
  func mixedHost() throws {
    let cpus = "[{\"coreCount\": 1, \"coreSpeed\": 1000}, {\"coreCount\": 1, \"coreSpeed\": 2000}]"
    let text =
      "{\"clusters\": [{\"hosts\": [{\"cpus\": \(cpus), \"memory\": {\"memorySize\": 9}}]}]}"
    let error = try #require(throws: ScenarioError.self) { try read(text) }
    #expect(error.problems.map(\.path) == ["clusters[0].hosts[0].cpus"])
  }

  @Test("all problems are told at once")
  func several() throws {
    let text = topology(host: "\"gpu\": {}, \"cout\": 1,", memory: "true")
    let error = try #require(throws: ScenarioError.self) { try read(text) }
    let host = "clusters[0].hosts[0]"
    #expect(
      error.problems.map(\.path) == ["\(host).gpu", "\(host).cout", "\(host).memory.memorySize"])
  }

  @Test("texts that are no topology end in an error, however they were damaged", arguments: 0..<200)
  func damage(seed: Int) throws {
    let linear = "\"modelType\": \"linear\", \"idlePower\": 100, \"maxPower\": 200"
    var stream = RandomStream(seed: UInt64(seed), purpose: "damage")
    var bytes = Array(topology(host: "\"name\": \"h\",", power: linear).utf8)
    for _ in 0...stream.integer(below: 4) {
      let place = stream.integer(below: bytes.count)
      if stream.bernoulli(0.5) {
        bytes[place] = UInt8(stream.integer(below: 256))
      } else {
        bytes.removeSubrange(place..<min(bytes.count, place + 1 + stream.integer(below: 20)))
      }
    }
    do {
      let topology = try OpenDCTopology(text: bytes, name: "t.json")
      // What is still a topology is one that scenarios take.
      #expect(try plant(topology).isEmpty == false)
    } catch let error as ScenarioError {
      #expect(!error.problems.isEmpty)
    }
  }
}
