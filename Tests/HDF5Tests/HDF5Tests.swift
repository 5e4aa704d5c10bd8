// SPDX-License-Identifier: Apache-2.0
import Foundation
import HDF5
import Testing

@Suite("HDF5 files")
struct HDF5Tests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes one of everything.
  private func writeSample(_ path: String, rows: Int = 5) throws {
    let file = try File.create(path)
    try file.root.attributes.set("Conventions", "CF-1.12")
    let group = try file.root.createGroup("zeta")
    _ = try file.root.createGroup("alpha")
    let scale = try group.write("host", ["h0", "hé1", ""])
    try scale.makeScale()
    let time = try group.makeAppender("time", of: Double.self)
    try time.dataset.makeScale()
    let power = try group.makeAppender("power", of: Float.self, rowShape: [3], fill: .nan)
    try power.dataset.attach(time.dataset, axis: 0)
    try power.dataset.attach(scale, axis: 1)
    try power.dataset.attributes.set("units", "W")
    let log = try group.makeTextAppender("log")
    for row in 0..<rows {
      try time.append(Double(row) * 300)
      try power.append((0..<3).map { Float(row * 10 + $0) })
      try log.append("line \(row)")
    }
    try time.flush()
    try power.flush()
    try log.flush()
    try file.finish()
  }

  @Test("numbers of every type come back, whole and as a box")
  func numbers() throws {
    let path = folder.file("a.h5")
    let file = try File.create(path)
    let values = [Int64.min, -1, 0, 7, .max, 5]
    try file.root.write("int64", values, shape: [2, 3])
    try file.root.write("int8", [Int8.min, 0, .max])
    try file.root.write("uint8", [UInt8.min, .max])
    try file.root.write("int32", [Int32.min, .max])
    try file.root.write("float", [Float.leastNonzeroMagnitude, .infinity, -0.0])
    try file.root.write("double", 0.1)
    try file.finish()

    let root = try File.open(path).root
    #expect(try root.dataset("int64").read(as: Int64.self) == values)
    #expect(try root.dataset("int64").shape() == [2, 3])
    #expect(try root.dataset("int64").read(as: Int64.self, [1..<2, 0..<2]) == [7, .max])
    #expect(try root.dataset("int8").read(as: Int8.self) == [.min, 0, .max])
    #expect(try root.dataset("uint8").read(as: UInt8.self) == [.min, .max])
    #expect(try root.dataset("int32").read(as: Int32.self) == [.min, .max])
    #expect(try root.dataset("int32").read(as: Double.self) == [-2_147_483_648, 2_147_483_647])
    let floats = try root.dataset("float").read(as: Float.self)
    #expect(floats.map(\.bitPattern) == [1, 0x7F80_0000, 0x8000_0000])
    #expect(try root.dataset("double").shape() == [])
    #expect(try root.dataset("double").read(as: Double.self) == [0.1])
    #expect(try root.dataset("double").kind() == .real)
    #expect(try root.dataset("int8").kind() == .integer)
  }

  @Test("texts and attributes of every kind come back")
  func textsAndAttributes() throws {
    let path = folder.file("a.h5")
    let file = try File.create(path)
    let data = try file.root.write("names", ["ä", "", "日本語", "plain"])
    try file.root.write("one", "line one\nline two")
    try data.attributes.set("units", "degC")
    try data.attributes.set("empty", "")
    try data.attributes.set("names", ["a", "bé"])
    try data.attributes.set("count", Int64(-3))
    try data.attributes.set("weights", [0.25, 0.5])
    try file.finish()

    let root = try File.open(path).root
    let read = try root.dataset("names")
    #expect(try read.readTexts() == ["ä", "", "日本語", "plain"])
    #expect(try root.dataset("one").readTexts() == ["line one\nline two"])
    #expect(try read.attributes.names() == ["count", "empty", "names", "units", "weights"])
    #expect(try read.attributes.value("units") == .text("degC"))
    #expect(try read.attributes.value("empty") == .text(""))
    #expect(try read.attributes.value("names") == .texts(["a", "bé"]))
    #expect(try read.attributes.value("count") == .integers([-3]))
    #expect(try read.attributes.value("weights") == .reals([0.25, 0.5]))
    #expect(try read.attributes.text("absent") == nil)
  }

  /// Row counts below, at and above the block that an appender collects (4096 rows, or fewer when
  /// rows are long), handed over in unequal pieces.
  @Test("appended rows come back in order", arguments: [0, 1, 4095, 4096, 4097, 30_000])
  func appending(rows: Int) throws {
    let path = folder.file("a.h5")
    let file = try File.create(path)
    let appender = try file.root.makeAppender("x", of: Int32.self, rowShape: [2, 3])
    let texts = try file.root.makeTextAppender("t")
    let all = (0..<rows * 6).map { Int32($0) }
    var next = 0
    var step = 1
    while next < rows {
      let end = min(rows, next + step)
      try appender.append(Array(all[next * 6..<end * 6]))
      for row in next..<end { try texts.append(row.isMultiple(of: 3) ? "" : "\(row)") }
      (next, step) = (end, step * 2 + 1)
      if step == 63 { try appender.flush() }
    }
    try appender.flush()
    try texts.flush()
    #expect(appender.rowCount == rows)
    try file.finish()
    let root = try File.open(path).root
    #expect(try root.dataset("x").shape() == [rows, 2, 3])
    #expect(try root.dataset("x").read(as: Int32.self) == all)
    #expect(
      try root.dataset("t").readTexts()
        == (0..<rows).map { $0.isMultiple(of: 3) ? "" : "\($0)" })
  }

  @Test("a row longer than a chunk is split and comes back")
  func longRows() throws {
    let path = folder.file("a.h5")
    let file = try File.create(path)
    let appender = try file.root.makeAppender("x", of: Float.self, rowShape: [100_000])
    let row = (0..<100_000).map { Float($0) }
    try appender.append(row + row.reversed())
    try appender.flush()
    try file.finish()
    let read = try File.open(path).root.dataset("x")
    #expect(try read.read(as: Float.self, [1..<2, 0..<3]) == [99_999, 99_998, 99_997])
  }

  @Test("groups and datasets are listed by name, scales by axis")
  func listing() throws {
    try writeSample(folder.file("a.h5"))
    let root = try File.open(folder.file("a.h5")).root
    #expect(try root.groupNames() == ["alpha", "zeta"])
    let group = try root.group("zeta")
    #expect(try group.datasetNames() == ["host", "log", "power", "time"])
    #expect(try group.dataset("power").scalePaths() == ["/zeta/time", "/zeta/host"])
    // The library itself writes this one, with fixed length.
    #expect(try group.dataset("time").attributes.value("NAME") == .text("time"))
    #expect(try group.contains("power") && !group.contains("nothing"))
    #expect(try group.dataset("power").attributes.text("units") == "W")
  }

  @Test("a linked scale is one dataset under two names")
  func linking() throws {
    let path = folder.file("a.h5")
    let file = try File.create(path)
    let time = try file.root.makeAppender("time", of: Double.self)
    try file.root.createGroup("hosts").link("time", to: time.dataset)
    try time.append([1, 2])
    try time.flush()
    try file.finish()
    #expect(
      try File.open(path).root.group("hosts").dataset("time").read(as: Double.self) == [1, 2])
  }

  @Test("the same calls give the same bytes, another day too")
  func deterministicBytes() async throws {
    try writeSample(folder.file("a.h5"), rows: 9000)
    // Object times have a resolution of one second: a file that held any would differ.
    try await Task.sleep(for: .milliseconds(1100))
    try writeSample(folder.file("b.h5"), rows: 9000)
    #expect(try folder.bytes("a.h5") == folder.bytes("b.h5"))
  }

  @Test("a file has its name only when it is finished")
  func partialName() throws {
    let file = try File.create(folder.file("a.h5"))
    try file.root.write("x", 1.0)
    #expect(try folder.names() == ["a.h5.partial"])
    try file.finish()
    try file.finish()
    #expect(try folder.names() == ["a.h5"])
    let old = try folder.bytes("a.h5")
    do {
      let abandoned = try File.create(folder.file("a.h5"))
      try abandoned.root.write("y", 2.0)
    }
    #expect(try folder.names() == ["a.h5"])
    #expect(try folder.bytes("a.h5") == old)
  }

  @Test("files written at once from many threads are whole and alike")
  func concurrentWriters() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<8 {
        group.addTask { try writeSample(folder.file("\(index).h5"), rows: 20_000) }
      }
      try await group.waitForAll()
    }
    let first = try folder.bytes("0.h5")
    for index in 1..<8 { #expect(try folder.bytes("\(index).h5") == first) }
    #expect(
      try File.open(folder.file("0.h5")).root.group("zeta").dataset("log").shape() == [20_000])
  }
}

@Suite("HDF5 errors")
struct HDF5ErrorTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The error that `body` throws.
  private func error(_ body: () throws -> Void) throws -> HDF5Error {
    try #require(throws: HDF5Error.self) { try body() }
  }

  @Test("a missing file is named with the system's reason")
  func missingFile() throws {
    let path = folder.file("none.h5")
    let error = try error { _ = try File.open(path) }
    #expect(error.path == path)
    #expect(error.description.contains("No such file"))
  }

  @Test("a file that is not HDF5, or is cut short, is refused", arguments: [0, 3, 100, 900])
  func damagedFile(length: Int) throws {
    let whole = folder.file("whole.h5")
    let file = try File.create(whole)
    try file.root.write("x", [1.0, 2.0, 3.0])
    try file.finish()
    let path = folder.file("cut.h5")
    try folder.bytes("whole.h5").prefix(length).write(to: URL(fileURLWithPath: path))
    let error = try error { _ = try File.open(path) }
    #expect(error.path == path && !error.reason.isEmpty)
  }

  @Test("a folder that cannot be written to is named")
  func unwritable() throws {
    let path = folder.file("no/such/folder/a.h5")
    #expect(try error { _ = try File.create(path) }.path == path)
  }

  @Test("two writers of one file: the second is refused, the first goes on")
  func twoWriters() throws {
    let first = try File.create(folder.file("a.h5"))
    _ = try error { _ = try File.create(folder.file("a.h5")) }
    try first.root.write("x", 1.0)
    try first.finish()
    #expect(try File.open(folder.file("a.h5")).root.datasetNames() == ["x"])
  }

  @Test("a wrong name, type or box names the object")
  func wrongUse() throws {
    let path = folder.file("a.h5")
    let file = try File.create(path)
    try file.root.write("x", [1.0, 2.0])
    try file.root.write("t", ["text"])
    #expect(try error { try file.root.write("x", 1.0) }.path == "\(path):/x")
    #expect(try error { _ = try file.root.write("nul", "a\0b") }.reason.contains("NUL"))
    try file.finish()
    let root = try File.open(path).root
    #expect(try error { _ = try root.dataset("y") }.path == "\(path):/y")
    #expect(try error { _ = try root.group("g") }.path == "\(path):/g")
    #expect(try error { _ = try root.dataset("x").readTexts() }.path == "\(path):/x")
    #expect(try error { _ = try root.dataset("t").read(as: Double.self) }.path == "\(path):/t")
    #expect(
      try error { _ = try root.dataset("x").read(as: Double.self, [0..<3]) }.path == "\(path):/x")
    #expect(try error { _ = try root.dataset("x").attributes.value("a") }.path == "\(path):/x")
  }

  @Test("a finished file can no longer be written")
  func afterFinish() throws {
    let file = try File.create(folder.file("a.h5"))
    let root = file.root
    try file.finish()
    #expect(throws: HDF5Error.self) { try root.write("x", 1.0) }
  }
}
