// SPDX-License-Identifier: Apache-2.0
import Units

/// Bitbrains GWA-T-12 (`fastStorage`, `rnd`): one file a VM and month, fields separated by `;` and
/// a tab, one header line, about one row every 300 s.
///
/// Source: Shen, van Beek, Iosup, CCGrid 2015. What the files really hold (every byte of rnd 2013-7
/// was looked at): time stamps are Unix *seconds* although the header says ms; rows come 299, 300 or
/// 301 s apart, in pairs that sum to 300, with gaps, and with repeated stamps; numbers may be in
/// scientific notation; CPU exceeds 100 % (percent of the provisioned capacity); cores and memory
/// change in the life of a VM and are 0 while it is off. Demand is therefore percent × the row's
/// cores, and a VM's size the largest it had. The VM's name is the file's without `.csv`, so months
/// read together continue each other. KB are KiB (2 GiB machines say 2097152).
enum BitbrainsReader {
  static let format = TraceFormat(
    name: "bitbrains",
    about: "Bitbrains GWA-T-12: one `;`-separated file a VM with CPU, memory, disk and network",
    matches: { $0.header.hasPrefix("Timestamp [ms];") },
    readFiles: read)

  private static let header = "Timestamp [ms];\tCPU cores;…"
  private static let kibibytes = 1024.0
  /// Stamps from here on can only be milliseconds (as seconds: the year 5138).
  private static let firstMillisecondStamp = 1e11

  static func read(
    _ files: [TraceInput], _ options: TraceReadingOptions
  ) throws(TraceError) -> DemandTrace {
    var collector = SampleCollector(
      file: files[0].name, options: options,
      interval: try options.binLength(native: .seconds(300)), clock: .epoch)
    for file in files {
      var reader = try LineReader(file)
      guard try reader.nextNonBlank(), reader.bytes[reader.line].starts(with: "Timestamp".utf8)
      else {
        throw reader.error(expected: "the header \"\(header)\"", found: reader.line)
      }
      guard let vm = try collector.vm(named: file.stem, in: reader) else { continue }
      var isFirst = vm.isNew
      while try reader.nextNonBlank() {
        try readRow(&reader, vm: vm.index, isFirst: isFirst, into: &collector)
        isFirst = false
      }
    }
    return try collector.finish()
  }

  private static func readRow(
    _ reader: inout LineReader, vm: Int, isFirst: Bool, into collector: inout SampleCollector
  ) throws(TraceError) {
    func next(_ name: String, _ bounds: ClosedRange<Double>) throws(TraceError) -> Double {
      try reader.number(reader.field(separator: UInt8(ascii: ";")), field: name, in: bounds)
    }
    let anything = 0.0...1e15
    let stamp = try next("Timestamp [ms]", 0...9e12)
    let seconds = stamp >= firstMillisecondStamp ? stamp / 1000 : stamp
    let cores = try next("CPU cores", 0...1e4)
    _ = try next("CPU capacity provisioned [MHZ]", anything)
    _ = try next("CPU usage [MHZ]", anything)
    let percent = try next("CPU usage [%]", percentBounds)
    let provisioned = try next("Memory capacity provisioned [KB]", anything)
    let memory = try next("Memory usage [KB]", anything)
    let diskRead = try next("Disk read throughput [KB/s]", anything)
    let diskWrite = try next("Disk write throughput [KB/s]", anything)
    let received = try next("Network received throughput [KB/s]", anything)
    let sent = try next("Network transmitted throughput [KB/s]", anything)
    guard reader.field(separator: UInt8(ascii: ";")) == nil else {
      throw reader.error(expected: "11 fields", found: reader.line)
    }
    collector.setSize(
      of: vm, virtualCPUs: cores, memory: Bytes(provisioned * kibibytes), isFirst: isFirst)
    guard timeBounds.contains(seconds), let bin = collector.bin(nanoseconds(seconds)) else {
      return
    }
    collector.add(.cpuCores, vm: vm, bin: bin, percent / 100 * cores)
    collector.add(.memoryBytes, vm: vm, bin: bin, memory * kibibytes)
    collector.add(.diskRate, vm: vm, bin: bin, (diskRead + diskWrite) * kibibytes)
    collector.add(.networkRate, vm: vm, bin: bin, (received + sent) * kibibytes)
  }
}
