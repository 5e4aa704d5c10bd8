// SPDX-License-Identifier: Apache-2.0
import Testing
import Units
import Workloads

/// Every peculiarity that the real files have (FORMATS.md), in the smallest file that shows it.
@Suite("Peculiarities of the formats")
struct ReaderQuirkTests {
  static let bitbrainsHeader = """
    Timestamp [ms];\tCPU cores;\tCPU capacity provisioned [MHZ];\tCPU usage [MHZ];\t\
    CPU usage [%];\tMemory capacity provisioned [KB];\tMemory usage [KB];\t\
    Disk read throughput [KB/s];\tDisk write throughput [KB/s];\t\
    Network received throughput [KB/s];\tNetwork transmitted throughput [KB/s]\n
    """

  @Test("Bitbrains: seconds, 116 + 184 s pairs, repeated stamps, gaps, exponents, > 100 %, resize")
  func bitbrains() throws {
    // Bins of 300 s from 1 372 629 600 on: [10, 30], [], [182 twice], [off], [50 of 4 cores].
    let rows = [
      "1372629804;\t2;\t5851.9;\t87.8;\t10.0;\t2097152.0;\t1.048576E6;\t1.0;\t2.0;\t3.0;\t4.0",
      "1372629899;\t2;\t5851.9;\t87.8;\t3.0E1;\t2097152.0;\t0.0;\t0.0;\t0.0;\t0.0;\t0.0",
      "1372630200;\t2;\t5851.9;\t87.8;\t182.13;\t2097152.0;\t0.0;\t0.0;\t0.0;\t0.0;\t0.0",
      "1372630200;\t2;\t5851.9;\t87.8;\t182.13;\t2097152.0;\t0.0;\t0.0;\t0.0;\t0.0;\t0.0",
      "1372630500;\t0;\t0.0;\t0.0;\t0.0;\t0.0;\t0.0;\t0.0;\t0.0;\t0.0;\t0.0",
      "1372630800;\t4;\t5851.9;\t87.8;\t50.0;\t4.194304E6;\t0.0;\t0.0;\t0.0;\t0.0;\t0.0",
    ]
    let text = Self.bitbrainsHeader + rows.joined(separator: "\n")
    let trace = try readText(text, name: "2013-7/26.csv")
    #expect(trace.vms == [VMDescription(name: "26", virtualCPUs: 4, memory: .gibibytes(4))])
    #expect(trace.cpuCores.column(0) == [0.4, 0.4, 3.6426, 0, 2])
    #expect(trace.memoryBytes?.column(0) == [536_870_912, 536_870_912, 0, 0, 0])
    #expect(trace.diskBytesPerSecond?.column(0).first == 1536)
    #expect(trace.networkBytesPerSecond?.column(0).first == 3584)
    #expect(trace.startEpochSeconds == 1_372_629_600)
    #expect(trace.quality.carriedSamples == 1)
    let clipped = try readText(text.replacing("\t4;", with: "\t2;")) { $0.clipsToSize = true }
    #expect(clipped.cpuCores.column(0) == [0.4, 0.4, 2, 0, 1])
    #expect(clipped.quality.clippedSamples == 1)
  }

  @Test("Bitbrains: stamps that really are milliseconds")
  func milliseconds() throws {
    let row = ";\t1;\t1;\t1;\t10;\t1;\t1;\t0;\t0;\t0;\t0\n"
    let text = Self.bitbrainsHeader + "1372629804000" + row + "1372630104000" + row
    let trace = try readText(text)
    #expect(trace.sampleCount == 2 && trace.startEpochSeconds == 1_372_629_600)
  }

  @Test("PlanetLab: one number a line, blanks in names, CR LF, BOM, no last line end")
  func planetLab() throws {
    let files: [TraceInput] = [
      .bytes(Array("\u{FEFF}10\r\n20\r\n30".utf8), name: "20110303/b c_ d"),
      .bytes(Array("1\n2\n3\n\n".utf8), name: "20110303/a"),
    ]
    let trace = try DemandTrace.read(files)
    #expect(trace.vms.map(\.name) == ["a", "b c_ d"])
    #expect(trace.cpuCores.column(1) == [0.1, 0.2, 0.3])
    #expect(trace.startEpochSeconds == 1_299_110_400)
    let reversed = try DemandTrace.read(files.reversed())
    #expect(reversed.cpuCores == trace.cpuCores && reversed.vms == trace.vms)
  }

  @Test("Alibaba: empty columns, -1 and 101, 9 and 10 fields, gaps, rows out of order")
  func alibaba() throws {
    let text = """
      m_2,20,30,50,,,1.5,2.5,5
      m_1,0,101,-1,,,1.5,2.5,5
      m_2,0,10,70,4.36,1,48.88,37.87,3
      m_1,10,20,40,,,1.5,2.5,99,5
      m_2,20,50,50,,,1.5,2.5,5
      """
    let trace = try readText(text) {
      $0.virtualCPUs = 96
      $0.memory = Bytes(1000)
    }
    #expect(trace.interval == .seconds(10))
    #expect(trace.vms.map(\.name) == ["m_1", "m_2"])
    #expect(trace.cpuCores.column(0) == [19.2, 19.2, 19.2])
    #expect(trace.cpuCores.column(1) == [9.6, 9.6, 38.4])
    #expect(trace.memoryBytes?.column(1) == [700, 700, 500])
    #expect(trace.quality.invalidReadings == 1 && trace.quality.carriedSamples == 3)
  }

  static let azureReadings = """
    0,vmB==,1.5,9.5,5
    0,vmA,0,100,50
    300,vmA,10,30,20
    """
  static let azureTable = """
    vmA,sub,dep,0,2591700,99.8,3.4,94.9,Delay-insensitive,CORES,MEMORY
    vmC,sub,dep,0,300,99.8,3.4,94.9,Interactive,2,4

    """

  @Test(
    "Azure: readings join the table; V2 has buckets",
    arguments: [("azure-v1", "8", "14", 8.0, 14.0), ("azure-v2", ">24", ">64", 24, 64)])
  func azure(format: String, cores: String, memory: String, vcpus: Double, gigabytes: Double)
    throws
  {
    let table = Self.azureTable.replacing("CORES", with: cores)
      .replacing("MEMORY", with: memory)
    let files: [TraceInput] = [
      .bytes(Array(Self.azureReadings.utf8), name: "vm_cpu_readings-file-1-of-125.csv"),
      .bytes(Array(table.utf8), name: "vmtable.csv"),
    ]
    let trace = try DemandTrace.read(files, format: format)
    let expected = [
      VMDescription(
        name: "vmA", profile: "Delay-insensitive", virtualCPUs: vcpus,
        memory: .gibibytes(gigabytes)),
      VMDescription(name: "vmB==", virtualCPUs: 1),
    ]
    #expect(trace.vms == expected)
    #expect(trace.cpuCores.column(0) == [Float(vcpus * 0.5), Float(vcpus * 0.2)])
    #expect(trace.cpuCores.column(1) == [0.05, 0.05])
    var options = TraceReadingOptions()
    options.usesPeakReadings = true
    options.edges = .zero
    let peaks = try DemandTrace.read(files, format: format, options: options)
    #expect(peaks.cpuCores.column(1) == [0.095, 0])
  }

  @Test("Azure V1 refuses a bucket and says which format has them")
  func azureBuckets() throws {
    let files: [TraceInput] = [
      .bytes(Array(Self.azureReadings.utf8), name: "vm_cpu_readings.csv"),
      .bytes(Array(Self.azureTable.replacing("CORES", with: ">24").utf8), name: "vmtable.csv"),
    ]
    let error = #expect(throws: TraceError.self) {
      try DemandTrace.read(files, format: "azure-v1")
    }
    #expect(error?.line == 1 && error?.field == "vm core count")
    #expect(error?.expected.contains("azure-v2") == true)
  }

  @Test("plain CSV: columns by name, calendar time, quotes, gaps, interval found")
  func csv() throws {
    let text = """
      vm,time,cpu_percent,mem_mib,net,disk,vcpus,profile
      "web, 1",2024-01-31T23:50:00Z,50,512,1000,0,4,web
      db,2024-01-31T23:50:00Z,10,,,,2,
      "web, 1",2024-02-01 00:00,25,256,,8,4,
      """
    let trace = try readText(text)
    #expect(trace.interval == .seconds(600))
    // 2024-01-31T23:50:00Z
    #expect(trace.startEpochSeconds == 1_706_745_000)
    #expect(
      trace.vms == [
        VMDescription(name: "db", virtualCPUs: 2),
        VMDescription(name: "web, 1", profile: "web", virtualCPUs: 4),
      ])
    #expect(trace.cpuCores.column(1) == [2, 1])
    #expect(trace.cpuCores.column(0) == [0.2, 0.2])
    #expect(trace.memoryBytes?.column(1) == [536_870_912, 268_435_456])
    #expect(trace.memoryBytes?.column(0).allSatisfy { $0.isNaN } == true)
    #expect(trace.networkBytesPerSecond?.column(1) == [1000, 1000])
    #expect(trace.diskBytesPerSecond?.column(1) == [0, 8])
  }

  @Test("bins are means, empty ones carry the last value, edges as asked")
  func binning() throws {
    let text =
      "time,vm,cpu\n"
      + [(0, 1), (100, 3), (900, 5), (1000, 7), (2100, 1)]
      .map { "\($0.0),a,\($0.1)\n" }.joined() + "3000,b,2\n"
    let held = try readText(text) { $0.interval = .seconds(300) }
    #expect(held.cpuCores.column(0) == [2, 2, 2, 6, 6, 6, 6, 1, 1, 1, 1])
    #expect(held.cpuCores.column(1) == [Float](repeating: 2, count: 11))
    #expect(held.quality.carriedSamples == 8 + 10)
    let zero = try readText(text) {
      $0.interval = .seconds(300)
      $0.edges = .zero
    }
    #expect(zero.cpuCores.column(0) == [2, 2, 2, 6, 6, 6, 6, 1, 0, 0, 0])
    #expect(zero.quality.carriedSamples == 5)
    let absent = try readText(text) {
      $0.interval = .seconds(300)
      $0.edges = .absent
    }
    #expect(absent.cpuCores[10, 0].isNaN && absent.cpuCores[9, 1].isNaN)
    let window = try readText(text) {
      $0.interval = .seconds(300)
      $0.start = .seconds(600)
      $0.duration = .seconds(600)
    }
    // The value before the window holds into it.
    #expect(window.cpuCores.column(0) == [2, 6])
  }

  @Test("selection by name and by limit does not depend on the order of rows")
  func selection() throws {
    let names = (0..<3000).map { "vm \($0)" }
    let rows = names.map { "\($0),10,20" }
    let expected = names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    for text in [rows.joined(separator: "\n"), rows.reversed().joined(separator: "\n")] {
      let first = try readText(text, format: "wide-csv") { $0.limit = 7 }
      #expect(first.vms.map(\.name) == Array(expected.prefix(7)))
      let some = try readText(text, format: "wide-csv") { $0.names = ["vm 77", "vm 8"] }
      #expect(some.vms.map(\.name) == ["vm 77", "vm 8"])
      let error = #expect(throws: TraceError.self) {
        try readText(text, format: "wide-csv") { $0.names = ["vm_77"] }
      }
      #expect(error?.found.contains("did you mean \"vm 77\"") == true)
    }
    let file = TraceInput.bytes(Array("a b\r\nc\n\n".utf8), name: "names.txt")
    #expect(try TraceReadingOptions.readNames(from: file) == ["a b", "c"])
  }
}
