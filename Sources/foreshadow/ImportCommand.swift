// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import Foundation
import TopologyImport

/// `foreshadow import`: what other simulators describe.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Translate what other simulators describe.",
    subcommands: [ImportOpenDCTopologyCommand.self])
}

/// `foreshadow import opendc-topology`: OpenDC's hardware as the section `dataCenter`.
struct ImportOpenDCTopologyCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "opendc-topology",
    abstract: "Print an OpenDC topology (JSON) as the section dataCenter of a scenario.",
    discussion: """
      OpenDC knows no racks: the equal hosts of a cluster are put into racks of \
      --hosts-per-rack. What has no counterpart (GPUs, batteries, limits of power sources, CPUs \
      of several speeds in a host) is refused.

      Example: foreshadow import opendc-topology topology.json > hosts.yaml, and in the scenario \
      import: hosts.yaml
      """)

  @Argument(help: "An OpenDC topology file.", completion: .file(extensions: ["json"]))
  var file: String

  @Option(help: "Hosts in a rack.")
  var hostsPerRack = OpenDCTopology.usualHostsPerRack

  func validate() throws {
    guard (1...1000).contains(hostsPerRack) else {
      throw ValidationError("--hosts-per-rack must be from 1 to 1000")
    }
  }

  mutating func execute() throws {
    let shared = ProcessInfo.processInfo.environment["FORESHADOW_SHARED"]
    let topology = try OpenDCTopology(
      path: file, folder: ScenarioFolder(sharedFolder: shared), hostsPerRack: hostsPerRack)
    try Console.write(topology.scenarioText)
  }
}
