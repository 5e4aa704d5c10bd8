// SPDX-License-Identifier: Apache-2.0
import DataCenter
import StateArchive
import Units
import Workloads

/// Which run a checkpoint is of: everything that its end depends on.
struct CheckpointIdentity: Codable {
  /// Scenario, policy, seed and version, as the run file states them.
  var provenance: RunProvenance
  /// Distinguishes the content of the files that the scenario names: demand, weather, servers.
  var inputs: UInt64
  /// How many bytes of the row journal belong to the checkpoint; nil without a run file.
  var journalLength: UInt64?

  init(_ request: RunRequest) throws {
    provenance = RunProvenance(request)
    inputs = try Self.inputs(of: request.world)
    journalLength = request.output.map { _ in 0 }
  }

  private static func inputs(of world: World) throws -> UInt64 {
    var archive = StateArchive()
    var loads = [world.history?.cpuCores.values ?? [], world.run.cpuCores.values].map { Array($0) }
    var sizes = [world.capacities.map(\.value), world.memory.map(\.value)]
    var rest = "\(world.dataCenter.racks) \(world.facilityInputs) \(world.traceFaults)"
    try archive.state(&loads)
    try archive.state(&sizes)
    try archive.state(&rest)
    return checksum(of: archive.bytes[...])
  }

  /// Why a checkpoint with this identity is none of the run `other`; nil when it is.
  func objection(to other: CheckpointIdentity) -> String? {
    let (own, wanted) = (provenance, other.provenance)
    if own.version != wanted.version {
      return "was written by Foreshadow \(own.version); this is \(wanted.version)"
    }
    if own.policy != wanted.policy {
      return "is of policy \"\(own.policy)\", not \"\(wanted.policy)\""
    }
    if own.seed != wanted.seed { return "is of seed \(own.seed), not \(wanted.seed)" }
    if own.resolvedScenario != wanted.resolvedScenario {
      return "is of another scenario: \(Self.difference(own, wanted))"
    }
    if inputs != other.inputs {
      return "is of the same scenario, but a file that it names (trace, weather, …) has changed"
    }
    if journalLength == nil, other.journalLength != nil {
      return "is of a run without a run file; none can be written from the middle on"
    }
    return nil
  }

  /// The first line in which two scenarios differ.
  private static func difference(_ own: RunProvenance, _ wanted: RunProvenance) -> String {
    let old = own.resolvedScenario.split(separator: "\n")
    let new = wanted.resolvedScenario.split(separator: "\n")
    let place =
      zip(old, new).enumerated().first { $1.0 != $1.1 }?.offset ?? min(old.count, new.count)
    func line(_ lines: [Substring]) -> String {
      lines.indices.contains(place)
        ? "\"\(lines[place].drop { $0 == " " })\"" : "nothing more"
    }
    return "it has \(line(old)) where this one has \(line(new))"
  }
}

extension RunProvenance {
  /// Where the run of a request comes from.
  init(_ request: RunRequest) {
    let scenario = request.scenario
    self.init(
      scenario: scenario.writtenText, resolvedScenario: scenario.resolvedText,
      scenarioDigest: scenario.digest, policy: request.label, seed: request.seed,
      version: ForeshadowVersion.current,
      command: scenario.runCommand(policy: request.label, seed: request.seed))
  }
}
