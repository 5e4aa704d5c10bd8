// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import CloudSimReplay
import Foundation

/// `foreshadow replay`: experiments of other simulators, with this project's parts.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Replay published experiments of other simulators.",
    subcommands: [ReplayCloudSimCommand.self])
}

/// `foreshadow replay cloudsim`: CloudSim's consolidation experiment.
struct ReplayCloudSimCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "cloudsim",
    abstract: "Replay CloudSim 3.0.3's PlanetLab consolidation experiment, digit for digit.",
    discussion: """
      The figures are those that CloudSim computes, quirks included; names and units in the JSON \
      output are CloudSim's too. Files of a folder are taken in the order of their names.

      Example: foreshadow replay cloudsim --workload 20110303.csv --detector thr:0.8 \
      --selector mmt --json
      """)

  @Option(
    help: "A day: a folder with a file a VM, a CSV name,v0,…,v287, or \"random\".",
    completion: .file())
  var workload: String

  @Option(help: "npa, dvfs, thr, iqr, mad, lr or lrr, with its parameter: thr:0.8, iqr:1.5.")
  var detector: String

  @Option(help: "Which VM leaves an overloaded host: mmt, mu, mc or rs.")
  var selector = "mmt"

  @Option(help: "Number of hosts (default: 800; 50 for the random workload).")
  var hosts: Int?

  @Option(help: "Number of VMs (default: one a trace; 50 for the random workload).")
  var vms: Int?

  @Option(help: "Seed of the selector rs.")
  var seed: UInt64 = 1

  @Option(help: "Factor of the seeds of the random workload: VM i draws from Random(factor * i).")
  var workloadSeed: Int64 = 1

  @Option(
    help: "Switch a quirk off, may be repeated: \(ReplayQuirks.names.joined(separator: ", ")).")
  var without: [String] = []

  @Flag(help: "Print the figures as JSON.")
  var json = false

  mutating func execute() throws {
    // A wrong name is said before a long read.
    let policy = try ReplayPolicy(detector: detector, selector: selector)
    var quirks = ReplayQuirks()
    for name in without { try quirks.remove(name) }
    let demand: ReplayWorkload =
      workload == "random" ? .syntheticDemand(seed: workloadSeed) : .trace(try .read(workload))
    var spec = ReplaySpec(workload: demand, policy: policy, seed: seed)
    spec.quirks = quirks
    if let hosts { spec.hostCount = hosts }
    if let vms { spec.vmCount = vms }
    var replay = try Replay(spec)
    let result = replay.run()
    guard json else { return try Console.write(result.text) }
    let report = ReplayReport(
      workload: name(of: workload), detector: detector, policy: policy, hosts: spec.hostCount,
      vms: spec.vmCount, result: result)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try Console.write(String(decoding: encoder.encode(report), as: UTF8.self))
  }

  private func name(of path: String) -> String {
    URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
  }
}
