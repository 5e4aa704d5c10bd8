// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import Terminal
import Workloads

/// `foreshadow trace`: looks at workload traces.
struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace", abstract: "Look at workload traces.",
    subcommands: [TraceInfoCommand.self, TraceExportCommand.self])
}

/// `foreshadow trace info`: what a trace holds.
struct TraceInfoCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Print what a trace holds: VMs, span, load, gaps, rhythm.")

  @Argument(help: "Trace files (plain or gzip) or folders.", completion: .file())
  var files: [String]

  @Option(help: "The format (default: judged by the content).")
  var format: String?

  @Option(
    name: .customLong("virtual-cpus"), help: "Virtual CPUs of VMs of which the trace does not say.")
  var virtualCPUs = 1.0

  mutating func execute() throws {
    var options = TraceReadingOptions()
    options.virtualCPUs = virtualCPUs
    let inputs = files.map { TraceInput.path($0) }
    let name = try format ?? TraceFormat.detect(inputs).name
    let trace = try DemandTrace.read(inputs, format: name, options: options)
    try Console.write("format  \(name)\n\(TraceSummary(trace).text)")
  }
}

/// `foreshadow trace export`: the load that a scenario's policies meet, as a file.
struct TraceExportCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the CPU load of a scenario's VMs as wide CSV (name,v0,v1,… in percent).",
    discussion: """
      History and run are written, so what a policy learned from can be looked at, and forecast \
      models be tried on it.

      Example: foreshadow trace export Scenarios/quickstart.yaml --output week.csv
      """)

  @Argument(help: "A scenario file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(name: [.short, .long], help: "Where the trace goes, e.g. week.csv.")
  var output: String

  @Option(help: "What synthetic load is drawn from (default: the scenario's seed).")
  var seed: UInt64?

  @Flag(help: "Overwrite the output if it exists.")
  var force = false

  @OptionGroup var scenario: ScenarioOptions

  mutating func execute() throws {
    try OutputFile.check(output, force: force)
    let demand = try scenario.scenario(at: file).demand(seed: seed)
    try OutputFile.write(demand.wideCSV, to: output)
    Console.say(
      "trace  \(output): \(demand.vms.count) VMs, \(demand.sampleCount) samples of \(demand.interval)"
    )
  }
}
