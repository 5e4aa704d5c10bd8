// SPDX-License-Identifier: Apache-2.0
import Testing
import Units
import Workloads

/// Readers against files that were made from the same raw data by an independent Python program
/// (see FORMATS.md §1, §2, §6 beside the data).
@Suite("Readers against prepared data", .enabled(if: SharedData.isPresent, SharedData.absent))
struct ReaderOracleTests {
  /// The prepared files are written with `%.4g`: half a unit in the fourth digit, and as much
  /// again for the rounding of a Float.
  static let relativeTolerance = 5.5e-4
  /// Below this (in percent) a difference is rounding of a printed zero.
  static let absoluteTolerance = 1e-5

  static func expectEqual(_ ours: [Float], _ theirs: [Double], _ name: String) {
    #expect(ours.count == theirs.count, "\(name)")
    let worst = zip(ours, theirs).enumerated().max {
      excess($0.element) < excess($1.element)
    }
    guard let worst else { return }
    #expect(
      excess(worst.element) <= 0, "\(name) bin \(worst.offset): \(worst.element)")
  }

  private static func excess(_ pair: (Float, Double)) -> Double {
    let difference = abs(Double(pair.0) - pair.1)
    return difference.isNaN
      ? .infinity : difference - absoluteTolerance - relativeTolerance * abs(pair.1)
  }

  @Test("Bitbrains raw months give the prepared 14 days")
  func bitbrains() throws {
    let prepared = try SharedData.wide("bitbrains_rnd/cpu_pct_2013-7_14d_300s.csv")
    var options = TraceReadingOptions()
    options.duration = .days(14)
    options.clipsToSize = true
    let trace = try DemandTrace.read(
      [SharedData.input("bitbrains_rnd/raw_sample")], options: options)
    #expect(trace.startEpochSeconds == 1_372_629_600)
    #expect(trace.interval == .seconds(300))
    #expect(trace.vms.map(\.name) == ["1", "12", "26", "41", "42", "44", "46", "47"])
    for (vm, description) in trace.vms.enumerated() {
      let percent = trace.cpuCores.column(vm).map { $0 / Float(description.virtualCPUs) * 100 }
      Self.expectEqual(percent, try #require(prepared[description.name]), description.name)
    }
  }

  @Test("Alibaba raw rows give the prepared five-minute bins")
  func alibaba() throws {
    let prepared = try SharedData.wide("alibaba2018_sample/cpu_pct_300s_8d.csv")
    let memory = try SharedData.wide("alibaba2018_sample/mem_pct_300s_8d.csv")
    var options = TraceReadingOptions()
    options.interval = .seconds(300)
    options.memory = Bytes(100)
    options.virtualCPUs = 100
    let trace = try DemandTrace.read(
      [SharedData.input("alibaba2018_sample/raw_head.csv")], options: options)
    // The sample's 3000 rows of m_1932 run from 386 640 s to 661 630 s; the last bin is cut short.
    let bins = 386_640 / 300..<661_630 / 300
    #expect(trace.vms.map(\.name) == ["m_1932"])
    #expect(trace.sampleCount == bins.count + 1)
    let theirs = try #require(prepared["m_1932"])
    Self.expectEqual(
      Array(trace.cpuCores.column(0).prefix(bins.count)), Array(theirs[bins]), "CPU")
    let theirMemory = try #require(memory["m_1932"])
    let ours = try #require(trace.memoryBytes).column(0)
    Self.expectEqual(Array(ours.prefix(bins.count)), Array(theirMemory[bins]), "memory")
  }

  @Test("PlanetLab's raw files are the lines of the day's CSV")
  func planetLab() throws {
    let prepared = try SharedData.wide("planetlab/20110303.csv")
    var options = TraceReadingOptions()
    options.virtualCPUs = 100
    let trace = try DemandTrace.read(
      [SharedData.input("planetlab/raw_20110303_sample")], options: options)
    #expect(trace.vms.count == 20)
    for (vm, description) in trace.vms.enumerated() {
      let theirs = try #require(prepared[description.name], "\(description.name)")
      #expect(trace.cpuCores.column(vm).map(Double.init) == theirs)
    }
    let day = try DemandTrace.read([SharedData.input("planetlab/20110303.csv")], options: options)
    #expect(day.vms.count == 1052 && day.sampleCount == 288)
    // 2011-03-03T00:00:00Z
    #expect(day.startEpochSeconds == 1_299_110_400)
    #expect(day.quality == TraceQuality())
    for (vm, description) in day.vms.enumerated() {
      #expect(day.cpuCores.column(vm).map(Double.init) == prepared[description.name])
    }
  }

  @Test("formats are recognised by their content")
  func detection() throws {
    let formats = [
      ("planetlab/20110303.csv", "planetlab"), ("planetlab/raw_20110303_sample", "planetlab"),
      ("bitbrains_rnd/raw_sample", "bitbrains"),
      ("alibaba2018_sample/raw_head.csv", "alibaba-2018"),
      ("azure/v1_vm100_avg_cpu_14d_300s.csv", "wide-csv"),
      ("bitbrains_rnd/cpu_pct_2013-7_14d_300s.csv", "wide-csv"),
    ]
    for (path, name) in formats {
      #expect(try TraceFormat.detect([SharedData.input(path)]).name == name, "\(path)")
    }
  }

  @Test("wide CSV keeps every value, and memory comes from the second file")
  func wide() throws {
    let cpu = try SharedData.wide("bitbrains_rnd/cpu_pct_2013-7_14d_300s.csv")
    let memory = try SharedData.wide("bitbrains_rnd/mem_pct_2013-7_14d_300s.csv")
    var options = TraceReadingOptions()
    options.virtualCPUs = 100
    options.memory = Bytes(100)
    options.memoryFile = SharedData.input("bitbrains_rnd/mem_pct_2013-7_14d_300s.csv")
    let trace = try DemandTrace.read(
      [SharedData.input("bitbrains_rnd/cpu_pct_2013-7_14d_300s.csv")], options: options)
    #expect(trace.vms.count == 100 && trace.sampleCount == 4032)
    for (vm, description) in trace.vms.enumerated() {
      Self.expectEqual(
        trace.cpuCores.column(vm), try #require(cpu[description.name]), description.name)
      Self.expectEqual(
        try #require(trace.memoryBytes).column(vm), try #require(memory[description.name]),
        description.name)
    }
  }
}
