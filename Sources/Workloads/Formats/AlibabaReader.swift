// SPDX-License-Identifier: Apache-2.0
import Units

/// Alibaba cluster-trace-v2018 `machine_usage`: rows `machine_id,time_stamp,cpu_util_percent,
/// mem_util_percent,mem_gps,mpki,net_in,net_out,[disk_usage_percent,]disk_io_percent`, no header.
///
/// Source: cluster-trace-v2018/schema.md of github.com/alibaba/clusterdata (its other document lists
/// `disk_usage_percent`, which the files don't have: both are read). Time in seconds from the
/// trace's start, nominally every 10 s, but rows are missing at random. -1 and 101 mark invalid
/// values. The trace gives neither cores (machines had 96) nor bytes: CPU percent refers to
/// ``TraceReadingOptions/virtualCPUs``, memory percent to ``TraceReadingOptions/memory``, and the
/// normalised network and disk columns are checked but not used.
enum AlibabaReader {
  static let format = TraceFormat(
    name: "alibaba-2018",
    about: "Alibaba cluster-trace-v2018 machine_usage: CPU and memory of machines every 10 s",
    matches: { head in
      (9...10).contains(head.fields.count) && head.isNumber.first == false
        && head.fields[0].starts(with: "m_".utf8) && head.isNumeric(after: 1)
    },
    readFiles: read)

  static func read(
    _ files: [TraceInput], _ options: TraceReadingOptions
  ) throws(TraceError) -> DemandTrace {
    var collector = SampleCollector(
      file: files[0].name, options: options,
      interval: try options.binLength(native: .seconds(10)), clock: .trace)
    for file in files {
      var reader = try LineReader(file)
      while try reader.nextNonBlank() { try readRow(&reader, into: &collector) }
    }
    return try collector.finish()
  }

  private static func readRow(
    _ reader: inout LineReader, into collector: inout SampleCollector
  ) throws(TraceError) {
    guard let name = reader.field(), let vm = try collector.vm(reader.bytes, name, in: reader)
    else { return }
    let seconds = try reader.number(reader.field(), field: "time_stamp", in: timeBounds)
    let cpuField = reader.field()
    let memoryField = reader.field()
    let cpu = try reader.optionalNumber(cpuField, field: "cpu_util_percent", in: -1...101)
    let memory = try reader.optionalNumber(memoryField, field: "mem_util_percent", in: -1...101)
    var fields = 4
    while let field = reader.field() {
      fields += 1
      _ = try reader.optionalNumber(field, field: "column \(fields)", in: -1e12...1e12)
    }
    guard fields == 9 || fields == 10 else {
      throw reader.error(expected: "9 or 10 fields", found: reader.line)
    }
    guard let bin = collector.bin(nanoseconds(seconds)) else { return }
    let size = collector.description(of: vm.index)
    if let cpu, (0...100).contains(cpu) {
      collector.add(.cpuCores, vm: vm.index, bin: bin, cpu / 100 * size.virtualCPUs)
    } else {
      collector.countInvalid(vm: vm.index)
    }
    if let memory, (0...100).contains(memory), let bytes = size.memory {
      collector.add(.memoryBytes, vm: vm.index, bin: bin, memory / 100 * bytes.value)
    }
  }
}
