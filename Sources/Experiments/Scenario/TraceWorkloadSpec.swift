// SPDX-License-Identifier: Apache-2.0
public import Units
public import Workloads

/// Demand read from the files of a trace.
public struct TraceWorkloadSpec: Sendable {
  /// The files or folders.
  public var files: [String]
  /// Name of the format; nil finds it out.
  public var format: String?
  /// What is taken of the trace, and how.
  public var options: TraceReadingOptions

  private static let detected = "detect"

  /// Reads the section `trace`.
  public init(from source: inout some ParameterSource) {
    files = source.paths("files", default: [], about: "Files (plain or gzip) or folders.")
    if files.isEmpty { source.problem("files", "required: files or folders of the trace") }
    let format = source.choice(
      "format", default: Self.detected, of: [Self.detected] + TraceFormat.all.map(\.name),
      about: "Format of the files.")
    self.format = format == Self.detected ? nil : format
    options = TraceReadingOptions()
    readSelection(from: &source)
    readSizes(from: &source)
    readRepairs(from: &source)
  }

  private mutating func readSelection(from source: inout some ParameterSource) {
    let names = source.texts("names", default: [], about: "Only these VMs; empty takes all.")
    options.names = names.isEmpty ? nil : names
    let limit = source.integer(
      "limit", default: 0, in: 0...100_000_000,
      about: "At most this many VMs, the first ones by name; 0 takes all.")
    options.limit = limit > 0 ? limit : nil
    let isStarted = source.isGiven("start")
    let start = source.time(
      "start", default: .zero,
      about: "Skips this much of the trace; without it, what comes before the first reading.")
    options.start = isStarted ? start : nil
  }

  private mutating func readSizes(from source: inout some ParameterSource) {
    let isBinned = source.isGiven("interval")
    let interval = source.time(
      "interval", default: .seconds(300), in: .milliseconds(1) ... .days(3650),
      about: "Length of a sample; without it, the format's own.")
    options.interval = isBinned ? interval : nil
    options.step = source.time(
      "step", default: options.step, in: .milliseconds(1) ... .days(1),
      about: "Distance of the samples in files without time stamps.")
    options.virtualCPUs = source.quantity(
      "virtualCPUs", .cores, default: options.virtualCPUs, in: 0.01...10_000,
      about: "Size of VMs of which the trace does not tell it; 100 % load is all of it.")
    let isMemoryKnown = source.isGiven("memory")
    let memory = source.quantity(
      "memory", .data, default: Bytes.gibibytes(4).value, in: 1e6...1e15,
      about: "Memory of VMs of which the trace does not tell it.")
    options.memory = isMemoryKnown ? Bytes(memory) : nil
  }

  private mutating func readRepairs(from source: inout some ParameterSource) {
    options.clipsToSize = source.flag(
      "clip", default: options.clipsToSize, about: "Cut load above a VM's virtual CPUs off.")
    let edges = source.choice(
      "edges", default: options.edges.rawValue, of: EdgeFill.allCases.map(\.rawValue),
      about: "What holds before a VM's first reading and after its last.")
    options.edges = EdgeFill(rawValue: edges) ?? options.edges
    options.usesPeakReadings = source.flag(
      "peakReadings", default: options.usesPeakReadings,
      about: "Azure: the maximum within each five minutes instead of the average.")
    let table = source.path(
      "vmTable", default: "", about: "Azure: the VM table, unless it lies beside the readings.")
    options.vmTable = table.isEmpty ? nil : .path(table)
    let memory = source.path(
      "memoryFile", default: "", about: "Wide CSV: a file of the same form with memory in percent.")
    options.memoryFile = memory.isEmpty ? nil : .path(memory)
  }
}
