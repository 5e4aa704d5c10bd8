// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import FPGAModel
import Forecasting
import Foundation

/// `foreshadow fpga quantise`: what an accelerator's words cost in forecast accuracy.
struct FPGAQuantiseCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantise",
    abstract: "Forecast accuracy of a trained LSTM by word length, bit by bit as engines compute.",
    discussion: """
      MODEL is a file of `foreshadow train --model lstm`. Data, training part and origins are those \
      of `foreshadow evaluate`; the first values only set the series' scales and the state. Losses \
      are pinball losses over all quantiles, and relative to single precision with the state kept, \
      as the processor does it. A card begins each inference from zero with the latest --steps \
      samples: the row `window` shows what that alone costs.

      Example: foreshadow fpga quantise Models/cpu-lstm.safetensors --data azure.csv --train 2016 \
      --origins 2016:3744:12 --bits 8,10,12,16
      """)

  @Argument(help: "Model file of kind lstm.", completion: .file(extensions: ["safetensors"]))
  var model: String

  @OptionGroup var protocolOptions: ForecastProtocolOptions

  @Option(help: "Word lengths, ascending, separated by commas.", transform: numbers)
  var bits = [8, 10, 12, 14, 16]

  @Option(help: "Bits before the point, sign included, of the own engine (unit-parallel).")
  var integerBits = 4

  @Option(help: "The same of hls4ml's engines (reuse-factor).")
  var reuseIntegerBits = 6

  @Option(help: "Engines: unit-parallel, reuse-factor or both, separated by commas.")
  var families = "unit-parallel,reuse-factor"

  @Option(help: "Latest samples that an inference on the card sees.", transform: { try size($0) })
  var steps = 12

  @Flag(help: "Print JSON.")
  var json = false

  mutating func execute() throws {
    let formats = try self.formats()
    let file = try read(model)
    let header = try ModelHeader(of: file, kinds: ["lstm"])
    let horizons = try LSTMForecaster(file: file, scales: [1]).horizons
    let (table, plan) = try protocolOptions.read(horizons: horizons)
    let progress = ProgressReport(total: formats.count + 2, noun: "formats")
    let report = try QuantisationReport(
      file, formats: formats, steps: steps, on: table, plan: plan
    ) { progress.report(done: $0) }
    let answer = QuantiseAnswer(
      report, model: model, trainedSeries: header.trainedSeries, steps: steps)
    if json { try writeJSON(answer) } else { try Console.write(answer.text) }
  }

  private func formats() throws -> [FixedPointArithmetic.Format] {
    let known = ["unit-parallel", "reuse-factor"]
    let names = families.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    guard !names.isEmpty, names.allSatisfy(known.contains) else {
      throw ValidationError("--families is \(known.joined(separator: ", ")) or both")
    }
    var formats: [FixedPointArithmetic.Format] = []
    for name in known where names.contains(name) {
      for length in bits {
        if name == known[0] {
          let format = WordFormat(bits: length, integerBits: integerBits)
          guard UnitParallelLSTM.supports(format) else {
            throw ValidationError(
              "unit-parallel has words of 8 … 16 bits, 2 … 9 of them before the point and at least "
                + "2 behind it; not \(length), \(integerBits)")
          }
          formats.append(.unitParallel(format))
        } else {
          do {
            formats.append(
              .reuseFactor(try ApFixed(parsing: "ap_fixed<\(length),\(reuseIntegerBits)>")))
          } catch { throw ValidationError("\(error)") }
        }
      }
    }
    return formats
  }

  private func read(_ path: String) throws -> SafetensorsFile {
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      Console.say("\(path): cannot be read")
      throw ExitCode.noInput
    }
    do { return try SafetensorsFile(bytes: [UInt8](data)) } catch {
      throw LearnedModelError(error.code, at: "\(path): \(error.location)", error.message)
    }
  }
}

/// What `quantise` prints.
private struct QuantiseAnswer: Encodable {
  struct Row: Encodable {
    var arithmetic: String
    var bits: Int?
    /// Pinball loss summed over the levels, by horizon.
    var pinball: [Double]
    /// The same relative to the first row, minus one.
    var lossIncrease: [Double]
    /// Coverage of the central 90 % interval.
    var coverage90: [Double]
    var rmse: [Double]
  }
  var model: String
  var trainedSeries: Int
  var steps: Int
  var horizons: [Int]
  var rows: [Row]

  init(_ report: QuantisationReport, model: String, trainedSeries: Int, steps: Int) {
    self.model = model
    self.trainedSeries = trainedSeries
    self.steps = steps
    horizons = report.rows.first?.scores.map(\.horizon) ?? []
    let first = report.rows.first?.scores.map(\.pinballSum) ?? []
    rows = report.rows.map { row in
      let pinball = row.scores.map(\.pinballSum)
      return Row(
        arithmetic: row.name, bits: row.bits, pinball: pinball,
        lossIncrease: zip(pinball, first).map { $0 / $1 - 1 },
        coverage90: row.scores.map(\.interval90.coverage),
        rmse: row.scores.map(\.rootMeanSquareError))
    }
  }

  var text: String {
    let heads = horizons.map { String(format: "%22@", "h\($0) loss (change)" as NSString) }
    let lines = rows.map { row in
      let cells = zip(row.pinball, row.lossIncrease).map {
        String(format: "%11.4f (%+6.1f %%)", $0, 100 * $1)
      }
      return row.arithmetic.padding(toLength: 30, withPad: " ", startingAt: 0)
        + cells.map { String(repeating: " ", count: max(0, 22 - $0.count)) + $0 }.joined()
    }
    return
      (["arithmetic".padding(toLength: 30, withPad: " ", startingAt: 0) + heads.joined()]
      + lines).joined(separator: "\n")
  }
}
