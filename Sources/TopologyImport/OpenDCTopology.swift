// SPDX-License-Identifier: Apache-2.0
import Experiments
import Units

/// The hardware of an OpenDC topology file: clusters of hosts with CPUs, memory and a power model.
///
/// The format is that of OpenDC 2.4 (Mastenbroek et al., CCGrid 2021; `opendc-compute-topology`):
/// a bare number is a MiB, a MHz or a W. OpenDC knows no racks, so the equal hosts of a cluster are
/// put into racks of a given size, the last one with the rest. Every power model has its
/// counterpart with the same formula. The cores of the first host are those in which demand is
/// stated; others are as fast as their clock says. What Foreshadow has no counterpart for is
/// refused rather than left out: GPUs, batteries, limits of power sources, carbon traces, CPUs of
/// several speeds in a host.
public struct OpenDCTopology: Sendable {
  /// The racks, cluster by cluster; at least one.
  public let racks: [ImportedRacks]
  /// Clock of the core in which demand is stated, in hertz.
  public let referenceHertz: Double

  /// Hosts in a rack where nothing else is said: 1U servers in a rack that air can still cool.
  public static let usualHostsPerRack = 20

  /// Reads a topology from a file.
  ///
  /// - Parameters:
  ///   - path: the file as the user named it.
  ///   - folder: reads it.
  ///   - hostsPerRack: hosts in a rack, from 1 to 1000.
  /// - Throws: `ScenarioError` with everything that is wrong or has no counterpart.
  public init(path: String, folder: ScenarioFolder, hostsPerRack: Int = usualHostsPerRack)
    throws(ScenarioError)
  {
    switch folder.read(path, acceptsPipes: true) {
    case .success(let bytes): try self.init(text: bytes, name: path, hostsPerRack: hostsPerRack)
    case .failure(let problem):
      throw ScenarioError(problems: [
        ScenarioProblem(
          code: .missingFile, location: SourceLocation(source: path), path: "",
          message: problem.message)
      ])
    }
  }

  /// Reads a topology from text; `name` stands for the file in messages.
  ///
  /// - Throws: `ScenarioError` with everything that is wrong or has no counterpart.
  public init(
    text: some Collection<UInt8>, name: String, hostsPerRack: Int = usualHostsPerRack
  ) throws(ScenarioError) {
    precondition((1...1000).contains(hostsPerRack))
    var reader = TopologyReader()
    var clusters = OpenDCClusters(hostsPerRack: hostsPerRack)
    // JSON is a part of YAML, and our reader of YAML knows lines and columns.
    clusters.read(try parseYAML(text, source: name), &reader)
    guard reader.problems.isEmpty, let hertz = clusters.referenceHertz else {
      throw ScenarioError(problems: reader.problems)
    }
    racks = clusters.racks
    referenceHertz = hertz
  }

  /// The section `dataCenter` of a scenario, as a file that other scenarios can `import`.
  public var scenarioText: String {
    """
    # Demand is in cores of \(numberText(referenceHertz / 1e6)) MHz.
    dataCenter:
      racks:

    """ + racks.map(\.scenarioText).joined()
  }
}

/// Walks the tree of a topology.
private struct OpenDCClusters {
  var hostsPerRack: Int
  var racks: [ImportedRacks] = []
  /// Clock of the first host's cores.
  var referenceHertz: Double?

  init(hostsPerRack: Int) { self.hostsPerRack = hostsPerRack }

  mutating func read(_ root: SourceNode, _ reader: inout TopologyReader) {
    guard let topology = reader.object(root, "", known: ["clusters", "schemaVersion"]) else {
      return
    }
    for (node, path) in reader.list(topology, "clusters") {
      readCluster(node, path, &reader)
    }
  }

  private mutating func readCluster(
    _ node: SourceNode, _ path: String, _ reader: inout TopologyReader
  ) {
    let known = ["name", "count", "hosts", "powerSource", "location"]
    let refused = ["battery": "batteries that follow the carbon intensity are not modelled"]
    guard let cluster = reader.object(node, path, known: known, refused: refused) else { return }
    if let source = cluster["powerSource"] {
      let path = cluster.path(of: "powerSource")
      _ = reader.object(source, path, known: ["name"], refused: Self.refusedOfPowerSource)
    }
    let count = reader.count(cluster, "count", default: 1)
    for (node, path) in reader.list(cluster, "hosts") {
      guard let host = readHost(node, path, &reader), let count else { continue }
      let name = (reader.text(cluster, "name") ?? "Cluster") + " / " + host.name
      let racks = ImportedRacks(
        count: count, hosts: host.count, server: host.server,
        coreSpeed: host.hertz / (referenceHertz ?? host.hertz), name: oneLine(name))
      if referenceHertz == nil { referenceHertz = host.hertz }
      guard place(racks) else {
        reader.note(.outOfRange, node.location, path, "more than \(Self.mostRacks) racks")
        continue
      }
    }
  }

  private static let refusedOfPowerSource = [
    "maxPower": "say facility.distribution.rackCaps in the scenario",
    "totalPower": "say facility.distribution.rackCaps in the scenario",
    "carbonTracePath": "say facility.site.carbonIntensity in the scenario (CSV)",
  ]

  private struct Host {
    var count: Int
    var server: ImportedServer
    var hertz: Double
    var name: String
  }

  private func readHost(
    _ node: SourceNode, _ path: String, _ reader: inout TopologyReader
  ) -> Host? {
    let known = [
      "name", "count", "cpu", "cpus", "cpuModel", "memory", "powerModel", "cpuPowerModel",
    ]
    let refused = [
      "gpu": "GPUs are not modelled", "gpuPowerModel": "GPUs are not modelled",
      "powerModels": "a host has one power model here; leave one as \"powerModel\"",
    ]
    guard let host = reader.object(node, path, known: known, refused: refused) else { return nil }
    let count = reader.count(host, "count", default: 1)
    let cpus = readCPUs(host, &reader)
    let memory = readMemory(host, &reader)
    let curve = readPower(host, &reader)
    guard let count, let cpus, let memory, let curve else { return nil }
    let server = ImportedServer(cores: cpus.cores, memory: Bytes(memory), curve: curve)
    return Host(
      count: count, server: server, hertz: cpus.hertz, name: reader.text(host, "name") ?? "Host")
  }

  /// The CPUs of a host: one kind (`cpu`, `cpuModel`) or a list of them (`cpus`, older files).
  private func readCPUs(_ host: TopologyReader.Object, _ reader: inout TopologyReader)
    -> (cores: Int, hertz: Double)?
  {
    let keys = ["cpu", "cpuModel", "cpus"].filter { host[$0] != nil }
    guard let key = keys.first, keys.count == 1, let node = host[key] else {
      let message = keys.isEmpty ? "is missing" : "stands beside \"\(keys[0])\"; one is enough"
      reader.note(.inconsistent, host.location, host.path(of: keys.last ?? "cpu"), message)
      return nil
    }
    let path = host.path(of: key)
    let nodes = key == "cpus" ? reader.list(host, key) : [(node: node, path: path)]
    let cpus = nodes.compactMap { readCPU($0.node, $0.path, &reader) }
    guard let first = cpus.first, cpus.count == nodes.count else { return nil }
    guard cpus.allSatisfy({ $0.hertz == first.hertz }) else {
      reader.note(
        .inconsistent, node.location, path,
        "has no counterpart: all cores of a host must have one speed")
      return nil
    }
    let cores = cpus.reduce(0) { $0 + $1.cores }
    guard cores <= Self.mostCores else {
      reader.note(.outOfRange, node.location, path, "more than \(Self.mostCores) cores in a host")
      return nil
    }
    return (cores, first.hertz)
  }

  private static let mostCores = 100_000

  private func readCPU(_ node: SourceNode, _ path: String, _ reader: inout TopologyReader)
    -> (cores: Int, hertz: Double)?
  {
    let known = ["name", "modelName", "vendor", "arch", "count", "coreCount", "coreSpeed"]
    guard let cpu = reader.object(node, path, known: known) else { return nil }
    let count = reader.count(cpu, "count", default: 1)
    let cores = reader.count(cpu, "coreCount")
    let hertz = reader.quantity(cpu, "coreSpeed", .frequency, in: 1e6...1e12)
    guard let count, let cores, let hertz else { return nil }
    return (count * cores, hertz)
  }

  private func readMemory(_ host: TopologyReader.Object, _ reader: inout TopologyReader) -> Double?
  {
    let path = host.path(of: "memory")
    guard let node = host["memory"] else {
      reader.note(.missingKey, host.location, path, "is missing")
      return nil
    }
    let known = ["name", "modelName", "vendor", "arch", "memorySize", "memorySpeed"]
    guard let memory = reader.object(node, path, known: known) else { return nil }
    return reader.quantity(memory, "memorySize", .data, in: 1e6...1e18)
  }

  private func readPower(_ host: TopologyReader.Object, _ reader: inout TopologyReader)
    -> ImportedPowerCurve?
  {
    let keys = ["powerModel", "cpuPowerModel"].filter { host[$0] != nil }
    // OpenDC's own default for a host without a power model.
    guard let key = keys.first, let node = host[key] else { return .linear(idle: 200, max: 400) }
    guard keys.count == 1 else {
      let path = host.path(of: keys[1])
      reader.note(.inconsistent, host.location, path, "stands beside \"\(key)\"; one is enough")
      return nil
    }
    return readPowerModel(node, host.path(of: key), &reader)
  }

  /// Puts the hosts of equal clusters into racks.
  ///
  /// - Parameter clusters: one too large rack for each cluster.
  /// - Returns: whether there are few enough of them.
  private mutating func place(_ clusters: ImportedRacks) -> Bool {
    let full = clusters.hosts / hostsPerRack
    let rest = clusters.hosts % hostsPerRack
    for (racks, hosts) in [(full, hostsPerRack), (1, rest)] where racks > 0 && hosts > 0 {
      var group = clusters
      group.count *= racks
      group.hosts = hosts
      guard group.count <= Self.mostRacks else { return false }
      self.racks.append(group)
    }
    return true
  }

  private static let mostRacks = 100_000

  /// A name that cannot leave its comment.
  private func oneLine(_ name: String) -> String {
    // YAML also ends lines at U+2028 and U+2029.
    let spaced = String(
      String.UnicodeScalarView(name.unicodeScalars.map { $0.properties.isWhitespace ? " " : $0 }))
    return String(quoted(spaced).dropFirst().dropLast())
  }
}

/// A power model by its formula (OpenDC's `CpuPowerModels`; u is the utilisation).
private func readPowerModel(_ node: SourceNode, _ path: String, _ reader: inout TopologyReader)
  -> ImportedPowerCurve?
{
  let known = [
    "name", "modelType", "power", "maxPower", "idlePower", "calibrationFactor", "asymUtil", "dvfs",
  ]
  guard let model = reader.object(node, path, known: known) else { return nil }
  let watts = 0...100_000.0
  let type = reader.text(model, "modelType")
  if type == "constant" {
    return reader.quantity(model, "power", .power, default: 400, in: watts).map {
      .constant(max: $0)
    }
  }
  let names = ["constant", "sqrt", "linear", "square", "cubic", "mse", "asymptotic"]
  guard let type, names.contains(type) else {
    let message =
      "expected one of \(names.joined(separator: ", ")), found "
      + (model["modelType"]?.summary ?? "nothing")
    reader.note(.unknownName, node.location, model.path(of: "modelType"), message)
    return nil
  }
  let idle = reader.quantity(model, "idlePower", .power, in: watts)
  let max = reader.quantity(model, "maxPower", .power, in: watts)
  guard let idle, let max else { return nil }
  guard idle <= max else {
    reader.note(
      .inconsistent, node.location, model.path(of: "idlePower"), "is above \"maxPower\"")
    return nil
  }
  switch type {
  case "sqrt": return .squareRoot(idle: idle, max: max)
  case "linear": return .linear(idle: idle, max: max)
  case "square": return .square(idle: idle, max: max)
  case "cubic": return .cubic(idle: idle, max: max)
  case "mse":
    return reader.number(model, "calibrationFactor", default: 1, in: 1...2)
      .map { .meanSquareError(idle: idle, max: max, exponent: $0) }
  default:
    // OpenDC's default of 0 divides by zero.
    let knee = reader.number(model, "asymUtil", default: 0, in: 0.01...10)
    let dvfs = reader.flag(model, "dvfs", default: true)
    guard let knee, let dvfs else { return nil }
    return .asymptotic(idle: idle, max: max, knee: knee, dvfs: dvfs)
  }
}
