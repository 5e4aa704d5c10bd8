// SPDX-License-Identifier: Apache-2.0
import Units

/// Azure Public Dataset V1 (2017) and V2 (2019): `vm_cpu_readings` rows `timestamp,vm id,min,max,avg`
/// (seconds from the trace's start every 300 s, percent), and `vmtable` rows `vm id,subscription,
/// deployment,created,deleted,max cpu,avg cpu,p95 of max cpu,category,cores,memory GB`; gzip CSV
/// without header.
///
/// Source: Cortez et al., SOSP'17; AzurePublicDatasetV1.md and V2.md of
/// github.com/Azure/AzurePublicDataset (CC-BY 4.0). V2 gives cores and memory as buckets: `4` means
/// more than the next smaller bucket and up to 4, `>24` more than 24; both are read as the number.
/// Without a VM table every VM has ``TraceReadingOptions/virtualCPUs``.
enum AzureReader {
  static let formatV1 = TraceFormat(
    name: "azure-v1",
    about: "Azure Public Dataset V1 (2017): vm_cpu_readings and, if there, vmtable; 300 s",
    matches: isAzure,
    readFiles: { files, options throws(TraceError) in
      try read(files, options, allowsBuckets: false)
    })

  static let formatV2 = TraceFormat(
    name: "azure-v2",
    about: "Azure Public Dataset V2 (2019): like V1, with cores and memory as buckets (`>24`)",
    matches: { head in
      isAzure(head)
        && (head.baseNames.contains { $0.contains("-of-195") }
          || head.fields.count == 11
            && head.fields.suffix(2).contains { $0.first == UInt8(ascii: ">") })
    },
    readFiles: { files, options throws(TraceError) in
      try read(files, options, allowsBuckets: true)
    })

  private static func isAzure(_ head: TraceHead) -> Bool {
    head.baseNames.contains { $0.hasPrefix("vm_cpu_readings") || $0.hasPrefix("vmtable") }
      || head.fields.count == 11 && !head.isNumber[0] && head.isNumber[3] && head.isNumber[4]
      || head.fields.count == 5 && head.isNumber[0] && !head.isNumber[1]
        && head.isNumber[2...].allSatisfy { $0 }
  }

  /// Size of a VM as the table gives it.
  private struct Size {
    var cores: Double
    var memoryBytes: Double
    var category: Int
  }

  /// The VM table as arrays, because it has two million rows.
  private struct SizeTable {
    var names = NameTable()
    var sizes: [Size] = []
    var categories: [String] = []
  }

  private static func read(
    _ files: [TraceInput], _ options: TraceReadingOptions, allowsBuckets: Bool
  ) throws(TraceError) -> DemandTrace {
    var table = SizeTable()
    var readings: [TraceInput] = []
    for file in files {
      switch try kind(of: file) {
      case .table: try readTable(file, into: &table, allowsBuckets: allowsBuckets)
      case .readings: readings.append(file)
      case .other: continue
      }
    }
    if let file = options.vmTable {
      try readTable(file, into: &table, allowsBuckets: allowsBuckets)
    }
    guard !readings.isEmpty else {
      throw TraceError(
        file: files[0].name, expected: "a vm_cpu_readings file (timestamp,vm id,min,max,avg)",
        found: "none")
    }
    var collector = SampleCollector(
      file: readings[0].name, options: options,
      interval: try options.binLength(native: .seconds(300)), clock: .trace)
    for file in readings {
      var reader = try LineReader(file)
      while try reader.nextNonBlank() {
        try readReading(&reader, table: &table, into: &collector, options)
      }
    }
    return try collector.finish()
  }

  private enum Kind { case table, readings, other }

  /// By file name; a file with another name by the number of its fields.
  private static func kind(of file: TraceInput) throws(TraceError) -> Kind {
    if file.baseName.hasPrefix("vmtable") { return .table }
    if file.baseName.hasPrefix("vm_cpu_readings") { return .readings }
    for other in ["deployment", "subscription", "schema", "README"]
    where file.baseName.hasPrefix(other) { return .other }
    var reader = try LineReader(file)
    guard try reader.nextNonBlank() else { return .other }
    switch reader.fieldCount() {
    case 11: return .table
    case 5: return .readings
    default:
      throw reader.error(
        expected: "5 fields (timestamp,vm id,min,max,avg) or the 11 of a vmtable",
        found: reader.line)
    }
  }

  private static func readTable(
    _ file: TraceInput, into table: inout SizeTable, allowsBuckets: Bool
  ) throws(TraceError) {
    var reader = try LineReader(file)
    while try reader.nextNonBlank() {
      guard reader.fieldCount() == 11, let name = reader.field(), !name.isEmpty else {
        throw reader.error(expected: "the 11 fields of a vmtable", found: reader.line)
      }
      for _ in 1..<8 { _ = reader.field() }
      let category = try reader.text(reader.field(), field: "vm category")
      let cores = try bucket(&reader, "vm core count", allowsBuckets, 0...1e4)
      let gigabytes = try bucket(&reader, "vm memory", allowsBuckets, 0...1e6)
      guard table.names.find(reader.bytes, name) == nil else { continue }
      _ = table.names.append(reader.bytes, name)
      let known = table.categories.firstIndex(of: category)
      if known == nil, table.categories.count < 1000 { table.categories.append(category) }
      table.sizes.append(
        Size(
          cores: cores, memoryBytes: Bytes.gibibytes(gigabytes).value,
          category: known ?? table.categories.count - 1))
    }
  }

  private static func bucket(
    _ reader: inout LineReader, _ field: String, _ allowsBuckets: Bool,
    _ bounds: ClosedRange<Double>
  ) throws(TraceError) -> Double {
    guard let range = reader.field() else { throw reader.missing(field) }
    guard reader.bytes[range].first == UInt8(ascii: ">") else {
      return try reader.number(range, field: field, in: bounds)
    }
    guard allowsBuckets else {
      throw reader.error(
        field: field, expected: "a number (buckets like \">24\" are azure-v2)", found: range)
    }
    return try reader.number(range.dropFirst(), field: field, in: bounds)
  }

  private static func readReading(
    _ reader: inout LineReader, table: inout SizeTable, into collector: inout SampleCollector,
    _ options: TraceReadingOptions
  ) throws(TraceError) {
    let seconds = try reader.number(reader.field(), field: "timestamp", in: timeBounds)
    guard let name = reader.field() else { throw reader.missing("vm id") }
    let minimum = try reader.number(reader.field(), field: "min cpu", in: percentBounds)
    let maximum = try reader.number(reader.field(), field: "max cpu", in: percentBounds)
    let average = try reader.number(reader.field(), field: "avg cpu", in: percentBounds)
    guard reader.field() == nil, minimum <= maximum else {
      throw reader.error(
        expected: "5 fields (timestamp,vm id,min,max,avg), min ≤ max", found: reader.line)
    }
    guard let vm = try collector.vm(reader.bytes, name, in: reader) else { return }
    if vm.isNew, let row = table.names.find(reader.bytes, name) {
      let size = table.sizes[row]
      collector.setSize(
        of: vm.index, virtualCPUs: size.cores, memory: Bytes(size.memoryBytes), isFirst: true)
      collector.setProfile(of: vm.index, table.categories[size.category])
    }
    guard let bin = collector.bin(nanoseconds(seconds)) else { return }
    let percent = options.usesPeakReadings ? maximum : average
    let cores = collector.description(of: vm.index).virtualCPUs
    collector.add(.cpuCores, vm: vm.index, bin: bin, percent / 100 * cores)
  }
}
