// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FPGAModel
import Foundation

/// `foreshadow fpga fixed`: the exact fixed-point values of an LSTM layer.
struct FPGAFixedCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "fixed",
    abstract: "Compute an LSTM layer bit by bit as hls4ml's C++ does.",
    discussion: """
      The file holds W, U, b, X and perhaps known answers in runs; those of the same arithmetic are \
      compared, and a difference ends with status 1.

      Example: foreshadow fpga fixed --arithmetic 'ap_fixed<16,6>' --oracle lstm.json --json
      """)

  @Option(help: "Type, as in 'ap_fixed<16,6>' or 'ap_fixed<16,6,AP_RND,AP_SAT>'.")
  var arithmetic: String

  @Option(help: "File with weights and inputs.", completion: .file(extensions: ["json"]))
  var oracle: String

  @Flag(help: "Print all outputs as JSON.")
  var json = false

  mutating func execute() throws {
    let type: ApFixed
    do { type = try ApFixed(parsing: arithmetic) } catch {
      throw ValidationError("\(error)")
    }
    let document = try readJSON(FixedOracle.self, oracle)
    let outputs: [[[Int64]]]
    do { outputs = try document.outputs(in: type) } catch {
      Console.say("\(oracle): \(error)")
      throw ExitCode.badScenario
    }
    let comparison = document.mismatches(of: outputs, in: type)
    if json {
      try writeJSON(
        FixedAnswer(
          precision: type.description, fracBits: type.fractionBits, outRaw: outputs,
          outSeq: outputs.map { $0.map { $0.map(type.value) } },
          compared: comparison?.compared, mismatches: comparison?.different))
    } else if let comparison {
      try Console.write(
        "\(type): \(comparison.compared) values, \(comparison.different) mismatches")
    } else {
      let count = outputs.joined().joined().reduce(0) { count, _ in count + 1 }
      try Console.write("\(type): \(count) values, no known answer to compare with (see --json)")
    }
    if let comparison, comparison.different > 0 { throw ExitCode.failure }
  }
}

/// What `fixed` prints, in the oracle's form.
private struct FixedAnswer: Encodable {
  var precision: String
  var fracBits: Int
  var outRaw: [[[Int64]]]
  var outSeq: [[[Double]]]
  var compared: Int?
  var mismatches: Int?

  enum CodingKeys: String, CodingKey {
    case precision, compared, mismatches
    case fracBits = "frac_bits"
    case outRaw = "out_raw"
    case outSeq = "out_seq"
  }
}

/// Reads a JSON document, or says what is wrong with it and where.
func readJSON<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
  let data: Data
  do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
    Console.say("\(path): cannot be read")
    throw ExitCode.noInput
  }
  do { return try JSONDecoder().decode(type, from: data) } catch let error as DecodingError {
    Console.say("\(path): \(message(error))")
    throw ExitCode.badScenario
  }
}

private func message(_ error: DecodingError) -> String {
  func place(_ context: DecodingError.Context) -> String {
    let keys = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
    return keys.isEmpty ? "top level" : keys.joined(separator: ".")
  }
  switch error {
  case .keyNotFound(let key, let context):
    return "\(place(context)): \"\(key.stringValue)\" is missing"
  case .typeMismatch(_, let context), .valueNotFound(_, let context):
    return "\(place(context)): \(context.debugDescription)"
  case .dataCorrupted(let context):
    return "\(place(context)): not valid JSON or not a number in range"
  @unknown default: return "\(error)"
  }
}
