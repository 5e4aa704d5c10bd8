// SPDX-License-Identifier: Apache-2.0
public import Units

/// A workload from trace files: what to read and how.
///
/// ```yaml
/// trace: { path: "${FORESHADOW_SHARED}/data/planetlab/20110303.csv", virtualCPUs: 2 }
/// ```
public struct TraceSpec: Sendable {
  /// File or folder. Stays as written: what `${…}` means is up to the reader of the scenario.
  public var path: String
  /// A name of ``TraceFormat/all``; nil detects the format.
  public var format: String?
  /// File with the names of the VMs to take, one a line; nil takes all.
  public var namesPath: String?
  /// Azure VM table; nil looks for one beside the readings.
  public var vmTablePath: String?
  /// Wide CSV with memory in percent; nil for none.
  public var memoryPath: String?
  /// Everything else. ``TraceReadingOptions/names`` and the files in it are filled by ``read()``.
  public var options: TraceReadingOptions

  /// The name that asks for detection.
  static let automatic = "auto"

  /// Reads the section `trace` of a scenario.
  public init(from source: inout some ParameterSource) {
    func optional(_ text: String) -> String? { text.isEmpty ? nil : text }
    path = source.path(
      "path", default: nil, about: "trace file (plain or gzip) or folder of files")
    let format = source.choice(
      "format", default: Self.automatic, of: [Self.automatic] + TraceFormat.all.map(\.name),
      about: "format of the trace; auto looks at the content")
    self.format = format == Self.automatic ? nil : format
    namesPath = optional(
      source.path("vms", default: "", about: "file with the names of the VMs to take, one a line"))
    vmTablePath = optional(
      source.path("vmTable", default: "", about: "azure: VM table, if not beside the readings"))
    memoryPath = optional(
      source.path("memoryFile", default: "", about: "wide-csv: file with memory in percent"))
    options = TraceReadingOptions()
    let limit = source.integer(
      "limit", default: 0, in: 0...10_000_000,
      about: "take only the first VMs in the order of their names; 0 takes all")
    options.limit = limit > 0 ? limit : nil
    options.virtualCPUs = source.quantity(
      "virtualCPUs", .cores, default: 1, in: 0.1...1024,
      about: "virtual CPUs of VMs of which the trace doesn't say; 100 % load is all of them")
    let memory = source.quantity(
      "memory", .data, default: 0, in: 0...1e14,
      about: "memory of VMs of which the trace doesn't say; 0 for unknown")
    options.memory = memory > 0 ? Bytes(memory) : nil
    let interval = source.time(
      "interval", default: .zero, in: .zero ... .days(1),
      about: "length of a sample; 0 s takes the trace's own")
    options.interval = interval > .zero ? interval : nil
    options.step = source.time(
      "step", default: .seconds(300), in: .milliseconds(1) ... .days(1),
      about: "planetlab, wide-csv: distance of the samples in the file")
    let start = source.time(
      "start", default: .zero, about: "skip this much at the beginning of the trace")
    options.start = start > .zero ? start : nil
    let duration = source.time(
      "duration", default: .zero, about: "take this much of the trace; 0 s takes all")
    options.duration = duration > .zero ? duration : nil
    options.clipsToSize = source.flag(
      "clip", default: false, about: "cut CPU load above the VM's virtual CPUs")
    let edges = source.choice(
      "edges", default: EdgeFill.hold.rawValue, of: EdgeFill.allCases.map(\.rawValue),
      about: "before a VM's first and after its last reading: nearest value, zero, or missing")
    options.edges = EdgeFill(rawValue: edges) ?? .hold
    options.usesPeakReadings = source.flag(
      "peakReadings", default: false, about: "azure: maximum within 5 minutes, not the average")
  }

  /// Reads the trace.
  ///
  /// - Returns: the trace.
  /// - Throws: ``TraceError`` when a file can't be read or understood.
  public func read() throws(TraceError) -> DemandTrace {
    var options = self.options
    if let namesPath { options.names = try TraceReadingOptions.readNames(from: .path(namesPath)) }
    options.vmTable = vmTablePath.map { .path($0) }
    options.memoryFile = memoryPath.map { .path($0) }
    return try DemandTrace.read([.path(path)], format: format, options: options)
  }
}
