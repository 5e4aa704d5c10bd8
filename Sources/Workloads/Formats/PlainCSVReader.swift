// SPDX-License-Identifier: Apache-2.0
import Units

/// Plain CSV with a header: one row a VM and time. The page of the module documents it.
enum PlainCSVReader {
  static let format = TraceFormat(
    name: "csv",
    about: "plain CSV with header: time, vm, cpu and, if there, mem, net, disk, vcpus, profile",
    matches: { head in
      let names = head.header.lowercased().split(separator: ",").map { $0.trimming(" \t\"") }
      return names.contains("vm")
        && names.contains { columns[$0] == .time || columns[$0] == .epoch }
    },
    readFiles: read)

  /// What a column can hold.
  private enum Column: Equatable {
    case time, epoch, vm, cpuCores, cpuPercent, memory(Double), memoryPercent
    case network, disk, vcpus, size, profile
  }

  /// Header names; a dictionary for look-up only.
  private static let columns: [String: Column] = [
    "time": .time, "epoch": .epoch, "vm": .vm,
    "cpu": .cpuCores, "cpu_cores": .cpuCores, "cpu_percent": .cpuPercent,
    "mem": .memory(1), "mem_bytes": .memory(1), "mem_mib": .memory(1_048_576),
    "mem_percent": .memoryPercent,
    "net": .network, "net_bytes_per_second": .network,
    "disk": .disk, "disk_bytes_per_second": .disk,
    "vcpus": .vcpus, "memory_bytes": .size, "profile": .profile,
  ]

  /// One row, as far as it is filled in.
  private struct Row {
    var seconds: Double?
    var vm: Range<Int>?
    var cpuCores: Double?
    var cpuPercent: Double?
    var memory: Double?
    var memoryPercent: Double?
    var network: Double?
    var disk: Double?
    var vcpus: Double?
    var size: Double?
    var profile: Range<Int>?
  }

  static func read(
    _ files: [TraceInput], _ options: TraceReadingOptions
  ) throws(TraceError) -> DemandTrace {
    var native = SimTime.seconds(300)
    if options.interval == nil { native = try step(of: files[0]) ?? native }
    let isCalendar = try usesCalendar(files[0])
    var collector = SampleCollector(
      file: files[0].name, options: options, interval: try options.binLength(native: native),
      clock: isCalendar ? .epoch : .firstReading)
    for file in files {
      guard try usesCalendar(file) == isCalendar else {
        throw TraceError(
          file: file.name, field: "time", expected: "the kind of time of \(files[0].name)",
          found: isCalendar ? "seconds from a start" : "calendar time")
      }
      var reader = try LineReader(file)
      let header = try readHeader(&reader)
      while try reader.nextNonBlank() {
        let row = try readRow(&reader, header)
        try add(row, of: reader, to: &collector)
      }
    }
    return try collector.finish()
  }

  // MARK: - Header

  private static func readHeader(_ reader: inout LineReader) throws(TraceError) -> [Column] {
    guard try reader.nextNonBlank() else {
      throw reader.empty(expected: "a header with time, vm and cpu")
    }
    var result: [Column] = []
    while let range = try reader.quotedField() {
      let name = try reader.text(range, field: "header").lowercased().trimming(" \t")
      guard let column = columns[name] else {
        let known = columns.keys.sorted()
        let near = nearestName(to: name, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
        throw TraceError(
          file: reader.file, line: reader.lineNumber, field: "header",
          expected: "columns of \(known.joined(separator: ", "))",
          found: TraceError.quoted(Array(name.utf8)) + near)
      }
      result.append(column)
    }
    let times = result.count { $0 == .time || $0 == .epoch }
    let loads = result.count { $0 == .cpuCores || $0 == .cpuPercent }
    guard times == 1, loads == 1, result.count(where: { $0 == .vm }) == 1 else {
      throw reader.error(
        field: "header", expected: "one column of time or epoch, one vm, one of cpu or cpu_percent",
        found: reader.line)
    }
    return result
  }

  /// Whether time is calendar time: a column `epoch`, or ISO 8601 text in `time`.
  private static func usesCalendar(_ file: TraceInput) throws(TraceError) -> Bool {
    var reader = try LineReader(file)
    let header = try readHeader(&reader)
    guard try reader.nextNonBlank() else { return header.contains(.epoch) }
    for column in header {
      guard let range = try reader.quotedField() else { return false }
      if column == .epoch { return true }
      if column == .time { return reader.number(range) == nil }
    }
    return false
  }

  /// The smallest step between times of the first VM, in the first 100 000 rows.
  private static func step(of file: TraceInput) throws(TraceError) -> SimTime? {
    var reader = try LineReader(file)
    let header = try readHeader(&reader)
    var first: ArraySlice<UInt8>?
    var last = 0.0
    var smallest = Double.infinity
    for _ in 0..<100_000 {
      guard try reader.nextNonBlank() else { break }
      let row = try readRow(&reader, header)
      guard let vm = row.vm, let seconds = row.seconds else { continue }
      if let first {
        guard first == reader.bytes[vm] else { continue }
        let step = abs(seconds - last)
        if step > 0 { smallest = min(smallest, step) }
      } else {
        first = ArraySlice(Array(reader.bytes[vm]))
      }
      last = seconds
    }
    return smallest.isFinite ? .seconds(max(smallest, 1e-3)) : nil
  }

  // MARK: - Rows

  private static func readRow(
    _ reader: inout LineReader, _ header: [Column]
  ) throws(TraceError) -> Row {
    var row = Row()
    for column in header {
      guard let range = try reader.quotedField() else {
        throw reader.error(expected: "\(header.count) fields", found: reader.line)
      }
      func value(
        _ field: String, _ bounds: ClosedRange<Double> = 0...1e18
      ) throws(TraceError) -> Double? {
        try reader.optionalNumber(range, field: field, in: bounds)
      }
      switch column {
      case .time, .epoch: row.seconds = try time(range, in: reader)
      case .vm: row.vm = range
      case .cpuCores: row.cpuCores = try value("cpu", 0...1e4)
      case .cpuPercent: row.cpuPercent = try value("cpu_percent", percentBounds)
      case .memory(let factor): row.memory = try value("mem").map { $0 * factor }
      case .memoryPercent: row.memoryPercent = try value("mem_percent", percentBounds)
      case .network: row.network = try value("net")
      case .disk: row.disk = try value("disk")
      case .vcpus: row.vcpus = try value("vcpus", 1e-3...1e4)
      case .size: row.size = try value("memory_bytes")
      case .profile: row.profile = range
      }
    }
    guard try reader.quotedField() == nil else {
      throw reader.error(expected: "\(header.count) fields", found: reader.line)
    }
    return row
  }

  private static func time(
    _ range: Range<Int>, in reader: borrowing LineReader
  ) throws(TraceError) -> Double {
    if let seconds = reader.number(range) ?? parseTimestamp(reader.bytes, range),
      timeBounds.contains(seconds)
    {
      return seconds
    }
    throw reader.error(
      field: "time", expected: "seconds or a time like 2024-01-31T23:55:00Z", found: range)
  }

  private static func add(
    _ row: Row, of reader: borrowing LineReader, to collector: inout SampleCollector
  ) throws(TraceError) {
    guard let seconds = row.seconds, let name = row.vm else { return }
    let hasQuotes = reader.bytes[name].contains(UInt8(ascii: "\""))
    let found =
      hasQuotes
      ? try collector.vm(named: reader.text(name, field: "vm"), in: reader)
      : try collector.vm(reader.bytes, name, in: reader)
    guard let vm = found else { return }
    collector.setSize(
      of: vm.index, virtualCPUs: row.vcpus, memory: row.size.map { Bytes($0) }, isFirst: vm.isNew)
    if vm.isNew, let profile = row.profile, !profile.isEmpty {
      collector.setProfile(of: vm.index, try reader.text(profile, field: "profile"))
    }
    guard let bin = collector.bin(nanoseconds(seconds)) else { return }
    let size = collector.description(of: vm.index)
    let cores = row.cpuCores ?? row.cpuPercent.map { $0 / 100 * (row.vcpus ?? size.virtualCPUs) }
    let bytes =
      row.memory
      ?? row.memoryPercent.flatMap { percent in
        (row.size ?? size.memory?.value).map { percent / 100 * $0 }
      }
    if let cores { collector.add(.cpuCores, vm: vm.index, bin: bin, cores) }
    if let bytes { collector.add(.memoryBytes, vm: vm.index, bin: bin, bytes) }
    if let rate = row.network { collector.add(.networkRate, vm: vm.index, bin: bin, rate) }
    if let rate = row.disk { collector.add(.diskRate, vm: vm.index, bin: bin, rate) }
  }
}

extension StringProtocol {
  /// The text without some characters at its ends.
  fileprivate func trimming(_ characters: String) -> String {
    var text = Substring(self)
    while let first = text.first, characters.contains(first) { text.removeFirst() }
    while let last = text.last, characters.contains(last) { text.removeLast() }
    return String(text)
  }
}
