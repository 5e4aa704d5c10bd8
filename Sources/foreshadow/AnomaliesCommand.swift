// SPDX-License-Identifier: Apache-2.0
import AnomalyDetection
import ArgumentParser
import Experiments
import Workloads

/// `foreshadow anomalies`: what in a trace was never seen before, or how good the detector is.
struct AnomaliesCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "anomalies",
    abstract: "List the anomalies of a trace with their reasons, or score the detector on NAB.",
    discussion: """
      Every metric of every VM is followed by a detector of its own, sample by sample; nothing is \
      known of what comes later. With --nab, the detector runs over every file of a folder in the \
      layout of the Numenta Anomaly Benchmark (data/FOLDER/FILE.csv, labels/combined_windows.json) \
      and is scored as the benchmark does.
      """)

  @Argument(help: "Trace files (plain or gzip) or folders.", completion: .file())
  var files: [String] = []

  @Option(help: "A folder in the layout of the Numenta Anomaly Benchmark.", completion: .directory)
  var nab: String?

  @Option(help: "The format of the trace (default: judged by the content).")
  var format: String?

  @Option(help: "Only this VM; can be given more than once.")
  var vm: [String] = []

  @Option(
    help: """
      Only this metric (\(WatchedMetric.allCases.map(\.rawValue).joined(separator: ", "))); can be \
      given more than once.
      """)
  var metric: [WatchedMetric] = []

  @Option(
    name: .customLong("virtual-cpus"), help: "Virtual CPUs of VMs of which the trace does not say.")
  var virtualCPUs = 1.0

  @Option(help: "Novelty, as a share of the metric's range, from which on there is an alarm.")
  var threshold: Double?

  @Flag(help: "Print as JSON.")
  var json = false

  func validate() throws {
    guard files.isEmpty != (nab == nil) else {
      throw ValidationError("give trace files, or --nab with a folder")
    }
    guard nab == nil || (format == nil && vm.isEmpty && metric.isEmpty) else {
      throw ValidationError("--format, --vm and --metric go with trace files, not with --nab")
    }
    if let threshold, !(0.0001...1).contains(threshold) {
      throw ValidationError("--threshold is from 0.0001 to 1")
    }
  }

  mutating func execute() throws {
    var spec = AnomalyDetectorSpec()
    if let threshold { spec.threshold = threshold }
    if let nab {
      let reports = try NABCorpus(folder: nab).evaluate(spec)
      return try Console.write(
        json ? NABReportText.json(reports).prettyText : NABReportText.table(reports))
    }
    let trace = try readTrace()
    let metrics = metric.isEmpty ? WatchedMetric.allCases : metric
    let anomalies = TraceAnomalies(of: trace, metrics: metrics, spec: spec)
    try Console.write(json ? anomalies.json.prettyText : anomalies.text)
  }

  private func readTrace() throws -> DemandTrace {
    var options = TraceReadingOptions()
    options.virtualCPUs = virtualCPUs
    options.names = vm.isEmpty ? nil : vm
    let trace = try DemandTrace.read(files.map { .path($0) }, format: format, options: options)
    for wanted in metric where !wanted.isIn(trace) {
      throw TraceError(
        file: files[0], field: "metric", expected: "a trace with \(wanted.rawValue)",
        found: "none in it")
    }
    return trace
  }
}

extension WatchedMetric: ExpressibleByArgument {}
