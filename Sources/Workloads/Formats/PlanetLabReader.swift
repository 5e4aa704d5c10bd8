// SPDX-License-Identifier: Apache-2.0
import Units

/// PlanetLab / CoMoN: one file a VM with one CPU percentage a line (288 five-minute means of one
/// day), or one CSV a day with lines `name,v0,…,v287`.
///
/// Source: Park & Pai, CoMon, OSR 40(1) 2006; as distributed with CloudSim (Beloglazov & Buyya,
/// CCPE 24(13) 2012). The percentage is of the VM; ``TraceReadingOptions/virtualCPUs`` turns it
/// into cores. A folder or file named by its day (`20110303`, `20110303.csv`) sets the calendar.
enum PlanetLabReader {
  static let format = TraceFormat(
    name: "planetlab",
    about: "PlanetLab/CoMoN day: a folder with one file a VM, or one CSV `name,v0,…,v287`",
    matches: { head in
      head.fields.count == 1 && head.isNumber == [true]
        || head.fields.count == 289 && head.isNumeric(after: 1)
    },
    readFiles: read)

  static func read(
    _ files: [TraceInput], _ options: TraceReadingOptions
  ) throws(TraceError) -> DemandTrace {
    var collector = SampleCollector(
      file: files[0].name, options: options,
      interval: try options.binLength(native: options.step), clock: .trace,
      epochOfTraceStart: day(of: files[0]))
    for file in files {
      var reader = try LineReader(file)
      guard try reader.nextNonBlank() else {
        throw reader.empty(expected: "one CPU percentage a line")
      }
      if reader.fieldCount() > 1 {
        try WideCSVReader.readLines(&reader, .cpuPercent, into: &collector, options)
      } else {
        try readColumn(&reader, name: file.baseName, into: &collector, options)
      }
    }
    return try collector.finish()
  }

  /// The present line and all after it are samples of one VM.
  private static func readColumn(
    _ reader: inout LineReader, name: String, into collector: inout SampleCollector,
    _ options: TraceReadingOptions
  ) throws(TraceError) {
    let name = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    guard let vm = try collector.vm(named: name, in: reader) else { return }
    guard vm.isNew else {
      throw TraceError(
        file: reader.file, expected: "one file a VM", found: "a second file of \"\(name)\"")
    }
    let coresPerPercent = collector.description(of: vm.index).virtualCPUs / 100
    let step = options.step.nanoseconds
    var time: Int64 = 0
    repeat {
      if reader.isBlankField(reader.line) {
        let blank = reader
        guard try reader.nextNonBlank() else { return }
        throw blank.error(field: "CPU %", expected: "a number", found: blank.line)
      }
      let percent = try reader.number(reader.line, field: "CPU %", in: percentBounds)
      if let bin = collector.bin(time) {
        collector.add(.cpuCores, vm: vm.index, bin: bin, percent * coresPerPercent)
      }
      time = try following(time, step: step, in: reader)
    } while try reader.next()
  }

  /// Midnight UTC of a day like 20110303 in the name of the file or of its folder.
  private static func day(of file: TraceInput) -> Int64? {
    let parts = file.name.utf8.split(separator: UInt8(ascii: "/")).suffix(2)
    for part in parts.reversed() {
      let digits = part.prefix(8)
      let rest = part.dropFirst(8)
      guard digits.count == 8, rest.isEmpty || rest.first == UInt8(ascii: "."),
        let number = Int(Substring(digits)), (19_700_101...21_991_231).contains(number),
        (1...12).contains(number / 100 % 100), (1...31).contains(number % 100)
      else { continue }
      return Int64(
        epochSeconds(year: number / 10_000, month: number / 100 % 100, day: number % 100))
    }
    return nil
  }
}

/// CPU percentages above this are refused. Real traces exceed 100 (Bitbrains: 182), not by much.
let percentBounds: ClosedRange<Double> = 0...1e5

/// The time of the next sample, as long as it is within the range of times.
func following(
  _ time: Int64, step: Int64, in reader: borrowing LineReader
) throws(TraceError) -> Int64 {
  let next = time + step
  guard next <= SampleCollector.longestSpan.nanoseconds else {
    throw TraceError(
      file: reader.file, line: reader.lineNumber,
      expected: "samples of at most \(SampleCollector.longestSpan)", found: "more")
  }
  return next
}
