// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import Forecasting
import Units
import Workloads

/// How a command reads the trace whose loads it forecasts.
struct TraceOptions: ParsableArguments {
  @Option(help: "Format of the trace (default: judged by the content).")
  var format: String?

  @Option(help: "cpu, memory, network or disk.")
  var metric = TraceMetric.cpu

  @Option(
    name: .customLong("virtual-cpus"), help: "Virtual CPUs of VMs of which the trace does not say.")
  var virtualCPUs = 1.0

  @Option(
    help: "Memory of VMs of which the trace does not say, e.g. 4GiB.",
    transform: { try quantity($0, .data) })
  var memory: Double?

  @Option(help: "wide-csv: a file of the same form with memory in percent.", completion: .file())
  var memoryFile: String?

  @Option(
    help: "Distance of the samples in files that don't say, e.g. 5min.",
    transform: { try duration($0) })
  var step = SimTime.seconds(300)

  /// Reads files or folders into one trace.
  func read(_ files: [String]) throws -> DemandTrace {
    var options = TraceReadingOptions()
    options.virtualCPUs = virtualCPUs
    options.memory = memory.map { Bytes($0) }
    options.memoryFile = memoryFile.map { .path($0) }
    options.step = step
    options.edges = .absent
    return try DemandTrace.read(files.map { .path($0) }, format: format, options: options)
  }
}

extension TraceOptions {
  /// The chosen metric of all VMs, as models learn from it.
  func history(of trace: DemandTrace, file: String) throws -> TrainingSeries {
    try metric.history(of: trace, file: file)
  }
}

extension TraceMetric: ExpressibleByArgument {}
