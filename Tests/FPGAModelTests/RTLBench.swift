// SPDX-License-Identifier: Apache-2.0
import FPGAModel
import Foundation
import SimulationKernel

/// The Verilator test bench: built when needed, fed with a file, its answers read line by line.
enum RTLBench {
  static let isAvailable: Bool = {
    let paths = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let found = paths.contains { FileManager.default.isExecutableFile(atPath: "\($0)/verilator") }
    if !found { print("skipped: no Verilator (apt-get install verilator)") }
    return found
  }()

  struct Failure: Error {
    var message: String
  }

  /// Answers of the bench, one array of words a line.
  static func run(_ numbers: [Int32]) throws -> [[Substring]] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let folder = root.appendingPathComponent(".build/rtl")
    let rtl = root.appendingPathComponent("Sources/FPGAModel/RTL")
    _ = try start(rtl.appendingPathComponent("build"), [folder.path])
    let file = folder.appendingPathComponent("vectors-\(numbers.count).bin")
    try numbers.map(\.littleEndian).withUnsafeBytes { try Data($0).write(to: file) }
    defer { try? FileManager.default.removeItem(at: file) }
    let text = try start(folder.appendingPathComponent("bench"), [file.path])
    return text.split(separator: "\n").map { $0.split(separator: " ") }
  }

  private static func start(_ program: URL, _ arguments: [String]) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = program
    process.arguments = arguments
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(message: "\(program.lastPathComponent): status \(process.terminationStatus)")
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// What every file begins with: the function tables.
  static let tables: [Int32] =
    (UnitParallelLSTM.table(words) { 1 / (1 + exp(-$0)) }
    + UnitParallelLSTM.table(words) { tanh($0) }).map(Int32.init)
  private static let words = WordFormat(bits: 16, integerBits: 4)
}

/// A random engine, network, input and host.
struct RTLCase {
  var units: Int
  var inputs: Int
  var hidden: Int
  var outputs: Int
  var lengths: [Int]
  var runs: Int
  var loadInterval: Int
  var stalls: StallPattern
  var sequences: [[Int16]] = []
  var networks: [UnitParallelLSTM] = []

  /// Draws a case; long sequences come with small batches, so that a test takes a minute.
  init(_ stream: inout RandomStream) {
    func draw(_ range: ClosedRange<Int>) -> Int {
      range.lowerBound + Int(stream.uniform() * Double(range.count))
    }
    func skewed(_ limit: Int) -> Int {
      min(limit, Int(exp(stream.uniform() * log(Double(limit) + 1))))
    }
    units = draw(1...8)
    inputs = draw(1...12)
    hidden = draw(4...64)
    outputs = skewed(40)
    let batch = skewed(16)
    let steps = skewed(max(3, 288 / (batch * batch)))
    let isRagged = stream.uniform() < 0.5
    lengths = (0..<batch).map { _ in isRagged ? draw(1...steps) : steps }
    runs = steps * batch < 40 ? draw(1...3) : 1
    loadInterval = draw(1...3)
    let period = draw(2...40)
    stalls =
      stream.uniform() < 0.5
      ? .none : StallPattern(period: period, stalled: draw(0...period - 1))
    sequences = lengths.map { steps in
      (0..<steps * inputs).map { _ in
        UnitParallelLSTM.word(stream.normal(standardDeviation: 1))
      }
    }
    networks = (0..<runs).map { _ in network(&stream) }
  }

  private func network(_ stream: inout RandomStream) -> UnitParallelLSTM {
    // Now and then so large that sums saturate.
    let scale = stream.uniform() < 0.2 ? 4.0 : 0.4
    func words(_ count: Int) -> [Int16] {
      (0..<count).map { _ in UnitParallelLSTM.word(stream.normal(standardDeviation: scale)) }
    }
    return UnitParallelLSTM(
      inputs: inputs, hidden: hidden, outputs: outputs,
      weights: words(4 * hidden * (inputs + hidden + 1)), head: words(outputs * (hidden + 1)))
  }

  var engine: UnitParallelEngine {
    UnitParallelEngine(
      network: NetworkShape(
        inputs: inputs, hidden: hidden, steps: lengths.max() ?? 1, dense: [outputs]),
      units: units, batch: lengths.count, clockHertz: 1e8)
  }

  /// In the bench's form.
  var numbers: [Int32] {
    var numbers = [
      units, lengths.count, inputs, hidden, outputs, runs, loadInterval, stalls.period,
      stalls.stalled,
    ].map(Int32.init)
    numbers += lengths.map(Int32.init)
    for sequence in sequences { numbers += sequence.map(Int32.init) }
    for network in networks { numbers += network.lines(units: units).map(Int32.init) }
    return numbers
  }

  /// The lines that the bench must print.
  func expected() -> [String] {
    let ends = engine.ends(
      runs: runs, lengths: lengths, stalls: stalls, loadInterval: loadInterval)
    return zip(ends, networks).map { end, network in
      let results = sequences.map { network.run($0) }
      var hash = FNV()
      for step in 0..<(lengths.max() ?? 0) {
        for sequence in lengths.indices where step < lengths[sequence] {
          for unit in 0..<hidden {
            hash.add(UInt32(sequence << 8 | unit))
            hash.add(
              UInt32(bitPattern: Int32(results[sequence].hiddens[step * hidden + unit])))
          }
        }
      }
      let outputs = results.flatMap(\.outputs).map { String($0) }
      return (["run", String(end), hash.text] + outputs).joined(separator: " ")
    }
  }
}

/// FNV-1a over 32-bit words, as in the bench.
struct FNV {
  private var state: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ value: UInt32) {
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      state ^= UInt64((value >> shift) & 0xff)
      state = state &* 0x100_0000_01b3
    }
  }

  var text: String {
    let hex = String(state, radix: 16)
    return String(repeating: "0", count: 16 - hex.count) + hex
  }
}
