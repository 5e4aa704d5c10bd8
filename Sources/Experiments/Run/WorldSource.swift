// SPDX-License-Identifier: Apache-2.0
import DataCenter
import Facility
import Foundation
import TrafficModels
import Units
public import Workloads

/// Where the demand of a scenario comes from: read once, or generated anew for every seed.
struct WorldSource: Sendable {
  private let workload: WorkloadSpec
  private let duration: SimTime
  /// The trace as it was read; nil for synthetic demand.
  private let trace: DemandTrace?
  private let facilityInputs: FacilityInputs
  private let dataCenter: DataCenterSpec
  private let traceFaults: [Fault]
  /// Length of a demand sample.
  let sampleInterval: SimTime

  /// Reads the trace that the scenario names, if it names one.
  ///
  /// - Throws: `TraceError` when a trace file cannot be read; ``WorkloadError`` when the trace is
  ///   shorter than the history that the scenario asks for.
  init(_ spec: ScenarioSpec) throws {
    workload = spec.workload
    facilityInputs = try FacilityInputs(site: spec.facility.site, readFile: Self.text)
    var dataCenter = spec.dataCenter
    for group in dataCenter.racks.indices {
      let server = dataCenter.racks[group].server
      dataCenter.racks[group].server.model = try server.resolved(readFile: Self.text)
    }
    self.dataCenter = dataCenter
    let faultFile = spec.faults.tracePath
    traceFaults =
      faultFile.isEmpty
      ? []
      : try FaultTraceReader.faults(
        try Self.text(of: faultFile), file: faultFile, racks: spec.dataCenter.racks)
    duration = spec.duration
    switch workload.demand {
    case .synthetic(let synthetic):
      trace = nil
      sampleInterval = synthetic.interval
      try Self.check(spec.responseTime, profiles: synthetic.mix.map(\.name))
    case .trace(let file):
      let read = try file.read()
      trace = read
      sampleInterval = read.interval
      try Self.check(spec.responseTime, profiles: read.vms.map(\.profile))
      guard read.duration > workload.history else {
        throw WorkloadError(
          description: """
            the trace \(file.path) covers \(read.duration), no more than workload.history \
            (\(workload.history)); nothing is left to simulate
            """)
      }
    }
  }

  /// Refuses a model for a profile that no VM has: a misspelt name would change nothing.
  private static func check(_ responseTime: ResponseTimeSpec, profiles: [String])
    throws(WorkloadError)
  {
    let known = Set(profiles).sorted()
    for profile in responseTime.profiles where !known.contains(profile.name) {
      let near = nearestName(to: profile.name, in: known).map { "; did you mean \"\($0)\"?" }
      throw WorkloadError(
        description: """
          responseTime.profiles names "\(profile.name)"; the workload's profiles are \
          \(known.joined(separator: ", "))\(near ?? "")
          """)
    }
  }

  /// The text of a file that the scenario names.
  private static func text(of path: String) throws -> String {
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw WorkloadError(description: "\(path): cannot be read as UTF-8 text")
    }
  }

  /// Seeds in groups that share one world: all of them under a trace, each alone otherwise.
  func seedGroups(_ seeds: [UInt64]) -> [[UInt64]] {
    trace == nil ? seeds.map { [$0] } : [seeds]
  }

  /// History and run of all VMs under a seed.
  func demand(seed: UInt64) -> DemandTrace {
    switch workload.demand {
    case .synthetic(let synthetic):
      return synthetic.generate(seed: seed, history: workload.history, duration: duration)
    case .trace:
      guard let trace else { preconditionFailure("read when the source was made") }
      return trace
    }
  }

  /// The world under a seed.
  func world(seed: UInt64) -> World {
    let demand = demand(seed: seed)
    let samples = workload.history.roundedUp(to: sampleInterval) / sampleInterval
    var world = World(
      demand: demand, historySamples: samples, sizing: workload.sizing,
      defaultMemory: workload.memory, dataCenter: dataCenter,
      facilityInputs: facilityInputs)
    world.traceFaults = traceFaults
    return world
  }
}

extension ScenarioFile {
  /// The demand that the scenario's runs meet, history included.
  ///
  /// - Parameter seed: what synthetic demand is drawn from (default: the scenario's).
  /// - Returns: load of all VMs, its first sample at the beginning of the history.
  /// - Throws: `TraceError` when a trace file cannot be read; ``WorkloadError`` when the trace is
  ///   shorter than the history that the scenario asks for.
  public func demand(seed: UInt64? = nil) throws -> DemandTrace {
    try WorldSource(spec).demand(seed: seed ?? UInt64(spec.seed))
  }
}

/// A workload that cannot be simulated as the scenario asks.
public struct WorkloadError: Error, Sendable, CustomStringConvertible {
  /// Why, in words.
  public var description: String
}
