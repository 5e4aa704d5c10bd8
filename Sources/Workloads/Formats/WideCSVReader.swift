// SPDX-License-Identifier: Apache-2.0
import Units

/// Wide CSV: one line a VM, `name,v0,v1,…` in percent, samples ``TraceReadingOptions/step`` apart,
/// no header. Empty fields and `nan` are gaps. Memory may come in a second file of the same form.
enum WideCSVReader {
  static let format = TraceFormat(
    name: "wide-csv",
    about: "one line a VM: `name,v0,v1,…` in percent; the step between samples is an option",
    matches: { $0.isNumeric(after: 1) },
    readFiles: read)

  /// What the values of a file are.
  enum Content { case cpuPercent, memoryPercent }

  static func read(
    _ files: [TraceInput], _ options: TraceReadingOptions
  ) throws(TraceError) -> DemandTrace {
    var collector = SampleCollector(
      file: files[0].name, options: options,
      interval: try options.binLength(native: options.step), clock: .trace)
    for file in files {
      var reader = try LineReader(file)
      guard try reader.nextNonBlank() else {
        throw reader.empty(expected: "lines `name,v0,v1,…`")
      }
      try readLines(&reader, .cpuPercent, into: &collector, options)
    }
    if let file = options.memoryFile {
      guard options.memory != nil else {
        throw TraceError(
          file: file.name, field: "memory", expected: "the memory that 100 % refers to",
          found: "none")
      }
      var reader = try LineReader(file)
      if try reader.nextNonBlank() {
        try readLines(&reader, .memoryPercent, into: &collector, options)
      }
    }
    return try collector.finish()
  }

  /// Reads the present line and all after it, one VM each.
  static func readLines(
    _ reader: inout LineReader, _ content: Content, into collector: inout SampleCollector,
    _ options: TraceReadingOptions
  ) throws(TraceError) {
    repeat {
      guard let name = reader.field(), !name.isEmpty else {
        throw reader.error(field: "VM name", expected: "a name", found: reader.line)
      }
      guard let vm = try collector.vm(reader.bytes, name, in: reader) else { continue }
      guard vm.isNew == (content == .cpuPercent) else {
        throw reader.error(
          field: "VM name",
          expected: vm.isNew ? "a VM of the CPU file" : "each VM once", found: name)
      }
      try readValues(&reader, content, of: vm.index, into: &collector, options)
    } while try reader.nextNonBlank()
  }

  private static func readValues(
    _ reader: inout LineReader, _ content: Content, of vm: Int,
    into collector: inout SampleCollector, _ options: TraceReadingOptions
  ) throws(TraceError) {
    let size = collector.description(of: vm)
    let scale = (content == .cpuPercent ? size.virtualCPUs : size.memory?.value ?? 0) / 100
    let metric = content == .cpuPercent ? SampleCollector.Metric.cpuCores : .memoryBytes
    let step = options.step.nanoseconds
    var time: Int64 = 0
    while let field = reader.field() {
      if let percent = try reader.optionalNumber(field, field: "percent", in: percentBounds),
        let bin = collector.bin(time)
      {
        collector.add(metric, vm: vm, bin: bin, percent * scale)
      }
      time = try following(time, step: step, in: reader)
    }
  }
}
