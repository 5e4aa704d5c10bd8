// SPDX-License-Identifier: Apache-2.0
public import Units

/// What to do with the bins before a VM's first reading and after its last one.
public enum EdgeFill: String, Sendable, CaseIterable {
  /// The nearest reading holds: the population is fixed.
  case hold
  /// No load: the VM did not exist.
  case zero
  /// Missing (NaN).
  case absent
}

/// How a trace is read; every format understands all of it unless a line says otherwise.
public struct TraceReadingOptions: Sendable {
  /// Length of a bin of the result; nil takes the format's own step.
  ///
  /// A reading at time t falls into bin ⌊t / interval⌋; a bin holds the mean of its readings, and
  /// an empty one the last value before it.
  public var interval: SimTime?
  /// Distance of the samples in files without time stamps (`planetlab`, `wide-csv`).
  public var step: SimTime = .seconds(300)
  /// Virtual CPUs of VMs of which the trace does not say.
  public var virtualCPUs: Double = 1
  /// Memory of VMs of which the trace does not say; without it, memory given in percent is left out.
  public var memory: Bytes?
  /// Only these VMs; nil takes all. A name that the trace doesn't have is an error.
  public var names: [String]?
  /// At most this many VMs, the first ones in bytewise order of their names.
  public var limit: Int?
  /// Skips this much: on the trace's own clock where it has one that starts at zero (`azure-*`,
  /// `alibaba-2018`), from the first reading otherwise. nil starts with the first reading.
  public var start: SimTime?
  /// Keeps this much; nil keeps all.
  public var duration: SimTime?
  /// Whether CPU load above the VM's virtual CPUs is cut off (some traces report up to 180 %).
  public var clipsToSize = false
  /// Bins before the first and after the last reading of a VM.
  public var edges = EdgeFill.hold
  /// `azure-*`: the VM table with cores and memory; a file `vmtable…` beside the readings is found
  /// without it.
  public var vmTable: TraceInput?
  /// `azure-*`: takes the maximum within each five minutes instead of the average.
  public var usesPeakReadings = false
  /// `wide-csv`: a file of the same form with memory in percent; needs ``memory``.
  public var memoryFile: TraceInput?

  /// The defaults.
  public init() {}

  /// Reads a list of VM names, one a line; names may contain blanks, empty lines are skipped.
  ///
  /// - Throws: ``TraceError`` when the file can't be read, is not UTF-8 or holds no name.
  public static func readNames(from input: TraceInput) throws(TraceError) -> [String] {
    var reader = try LineReader(input)
    var names: [String] = []
    while try reader.next() {
      if !reader.line.isEmpty { names.append(try reader.text(reader.line, field: "VM name")) }
    }
    guard !names.isEmpty else { throw reader.empty(expected: "VM names, one a line") }
    return names
  }

  /// The bin length for a format whose own step is `native`.
  func binLength(native: SimTime) throws(TraceError) -> SimTime {
    let interval = self.interval ?? native
    guard interval >= .milliseconds(1), interval <= .days(3650) else {
      throw TraceError(
        file: "options", field: "interval", expected: "1 ms … 3650 d", found: "\(interval)")
    }
    guard (start ?? .zero) >= .zero, (duration ?? interval) >= interval else {
      throw TraceError(
        file: "options", field: "duration", expected: "at least one interval from 0 on",
        found: "\(start ?? .zero) and \(duration ?? .zero)")
    }
    guard limit ?? 1 >= 1, virtualCPUs > 0, virtualCPUs <= 1e4 else {
      throw TraceError(
        file: "options", expected: "a positive limit and 0 … 10000 virtual CPUs",
        found: "limit \(limit ?? 1), \(virtualCPUs) virtual CPUs")
    }
    return interval
  }
}

/// What was repaired while a trace was read.
public struct TraceQuality: Sendable, Equatable {
  /// CPU bins without a reading, filled with the last (or nearest) value.
  public var carriedSamples = 0
  /// CPU bins cut to the VM's size.
  public var clippedSamples = 0
  /// Readings that the format marks as invalid (Alibaba: -1 and 101), left out.
  public var invalidReadings = 0
  /// VMs without a single valid CPU reading in the window, left out.
  public var droppedVMs = 0

  /// Nothing repaired.
  public init() {}
}
