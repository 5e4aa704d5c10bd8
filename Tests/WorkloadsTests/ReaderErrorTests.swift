// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Units
import Workloads

@Suite("Errors of the readers")
struct ReaderErrorTests {
  @Test(
    "a wrong field is named with file, line, what was expected and what was found",
    arguments: [
      ("planetlab", "1\n2\nx3\n", 3, "CPU %", "\"x3\""),
      ("planetlab", "1\n\n2\n", 2, "CPU %", "nothing"),
      ("planetlab", "1\n-2\n", 2, "CPU %", "\"-2\""),
      ("planetlab", "1\n1e999\n", 2, "CPU %", "\"1e999\""),
      ("wide-csv", "a,1,2\nb,1,2;3\n", 2, "percent", "\"2;3\""),
      ("wide-csv", "a,1,2\na,1,2\n", 2, "VM name", "\"a\""),
      ("wide-csv", ",1,2\n", 1, "VM name", "\",1,2\""),
      (
        "alibaba-2018", "m_1,0,1,2,,,3,4,5\nm_1,10,102,2,,,3,4,5\n", 2, "cpu_util_percent",
        "\"102\""
      ),
      ("alibaba-2018", "m_1,0,1,2,,,3,4\n", 1, nil, "\"m_1,0,1,2,,,3,4\""),
      ("azure-v1", "0,vm,1,2\n", 1, nil, "\"0,vm,1,2\""),
      ("azure-v1", "0,vm,1,2,3\n300,vm,1,2\n", 2, "avg cpu", "the end of the line"),
      ("csv", "time,vm,cpu\n0,a,1\n5,a,b\n", 3, "cpu", "\"b\""),
      ("csv", "time,vm,cpu\nyesterday,a,1\n", 2, "time", "\"yesterday\""),
      ("csv", "time,vm,cpu\n-1,a,1\n", 2, "time", "\"-1\""),
      ("csv", "time,vm,cpu\n0,a\n", 2, nil, "\"0,a\""),
      ("csv", "time,vm,cpu\n0,\"a,1\n", 2, nil, "\"a,1\""),
      (
        "csv", "time,vm,cpu_precent\n0,a,1\n", 1, "header",
        "\"cpu_precent\"; did you mean \"cpu_percent\"?"
      ),
      ("csv", "time,vm\n0,a\n", 1, "header", "\"time,vm\""),
      ("csv", "time,vm,cpu\n0,a\u{1}b,1\n", 2, "VM name", "\"a\\x01b\""),
    ] as [(String, String, Int, String?, String)])
  func located(format: String, text: String, line: Int, field: String?, found: String) {
    let error = #expect(throws: TraceError.self) { try readText(text, name: "f", format: format) }
    #expect(error?.file == "f")
    #expect(error?.line == line)
    #expect(error?.field == field)
    #expect(error?.found == found)
    #expect(error?.description.hasPrefix("f:\(line): ") == true)
  }

  @Test("nothing in, an error out", arguments: TraceFormat.all.map(\.name))
  func empty(format: String) {
    for text in ["", "\n\n", "\u{FEFF}", " \t\r\n"] {
      #expect(throws: TraceError.self) { try readText(text, format: format) }
      #expect(throws: TraceError.self) { try readText(text) }
    }
    #expect(throws: TraceError.self) { try DemandTrace.read([], format: format) }
  }

  @Test("a name in Latin-1 is refused, not replaced")
  func latin1() {
    let bytes: [UInt8] = Array("time,vm,cpu\n0,caf".utf8) + [0xE9] + Array(",1\n".utf8)
    let error = #expect(throws: TraceError.self) {
      try DemandTrace.read([.bytes(bytes, name: "f")], format: "csv")
    }
    #expect(error?.found == "\"caf\\xE9\"")
  }

  @Test("an unknown format names the nearest known one")
  func unknownFormat() {
    let error = #expect(throws: TraceError.self) { try readText("1", format: "planetlap") }
    #expect(error?.found == "\"planetlap\"; did you mean \"planetlab\"?")
  }

  @Test("a span of centuries is refused before memory is taken for it")
  func span() {
    let error = #expect(throws: TraceError.self) {
      try readText("time,vm,cpu\n0,a,1\n9000000000,a,1\n") { $0.interval = .seconds(1) }
    }
    #expect(error?.expected.contains("interval") == true)
  }

  @Test("a start behind the end, an interval of nothing: an error, not a trap")
  func options() {
    let text = "time,vm,cpu\n0,a,1\n300,a,1\n"
    for configure: (inout TraceReadingOptions) -> Void in [
      { $0.start = .days(400) }, { $0.interval = .zero }, { $0.interval = .distantFuture },
      { $0.duration = .seconds(1) }, { $0.limit = 0 }, { $0.virtualCPUs = .nan },
      { $0.start = SimTime(nanoseconds: -1) }, { $0.start = .distantFuture },
    ] {
      #expect(throws: TraceError.self) { try readText(text, configure) }
    }
    for format in ["planetlab", "wide-csv"] {
      for step in [SimTime.zero, .seconds(-5), .distantFuture] {
        let text = format == "planetlab" ? "1\n2\n" : "a,1,2\n"
        #expect(throws: TraceError.self) { try readText(text, format: format) { $0.step = step } }
      }
    }
  }
}

@Suite("Files and folders")
struct TraceFileTests {
  /// A folder for one test, removed afterwards.
  static func withFolder(_ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "/foreshadow-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test("a folder gives its files in bytewise order; hidden files and subfolders don't count")
  func folder() throws {
    try Self.withFolder { path in
      #expect(throws: TraceError.self) { try DemandTrace.read([.path(path)]) }
      for (name, text) in [("b", "2\n3\n"), ("a b", "1\n2\n"), (".hidden", "x"), ("Z", "5\n6\n")] {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
      }
      try FileManager.default.createDirectory(
        atPath: "\(path)/A", withIntermediateDirectories: true)
      let trace = try DemandTrace.read([.path(path)])
      #expect(trace.vms.map(\.name) == ["Z", "a b", "b"])
    }
  }

  @Test("gzip is read as it is; cut short it is an error")
  func gzip() throws {
    // printf 'a,1,2\nb,3,4\n' | gzip -n | base64
    let data = try #require(
      Data(base64Encoded: "H4sIAAAAAAAAA0vUMdQx4krSMdYx4QIAkfbzDQwAAAA="))
    try Self.withFolder { path in
      let file = "\(path)/t.csv.gz"
      try data.write(to: URL(fileURLWithPath: file))
      let trace = try DemandTrace.read([.path(file)])
      #expect(trace.vms.map(\.name) == ["a", "b"])
      #expect(trace.cpuCores.column(1) == [0.03, 0.04])
      for length in [12, 20, data.count - 1] {
        try data.prefix(length).write(to: URL(fileURLWithPath: file))
        let error = #expect(throws: TraceError.self) { try DemandTrace.read([.path(file)]) }
        #expect(error?.expected == "a complete gzip file")
      }
      var damaged = data
      damaged[14] ^= 0xFF
      try damaged.write(to: URL(fileURLWithPath: file))
      #expect(throws: TraceError.self) { try DemandTrace.read([.path(file)]) }
    }
  }

  @Test("a file that isn't there is named")
  func missing() {
    let error = #expect(throws: TraceError.self) { try DemandTrace.read([.path("/no/such file")]) }
    #expect(error?.file == "/no/such file")
    #expect(error?.found == "No such file or directory")
    #expect(throws: TraceError.self) { try DemandTrace.read([.path("a\0b")]) }
  }
}
