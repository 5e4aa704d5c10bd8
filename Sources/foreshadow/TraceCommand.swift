// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Workloads

/// `foreshadow trace`: looks at workload traces.
struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace", abstract: "Look at workload traces.",
    subcommands: [TraceInfoCommand.self])
}

/// `foreshadow trace info`: what a trace holds.
struct TraceInfoCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Print what a trace holds: VMs, span, load, gaps, rhythm.")

  @Argument(help: "Trace files (plain or gzip) or folders.", completion: .file())
  var files: [String]

  @Option(help: "The format (default: judged by the content).")
  var format: String?

  @Option(help: "Virtual CPUs of VMs of which the trace does not say.")
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
