// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FPGAModel
import Foundation
import Units

/// `foreshadow fpga`: the accelerator model on its own.
struct FPGACommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fpga",
    abstract: "Model an FPGA that computes predictions: cycles, area, exact fixed-point values.",
    subcommands: [
      FPGAEngineCommand.self, FPGAFixedCommand.self, FPGAExploreCommand.self,
      FPGAOffloadCommand.self, FPGACalibrateCommand.self, FPGAQuantiseCommand.self,
    ])
}

extension RecurrentCell: ExpressibleByArgument {}
extension HLSStrategy: ExpressibleByArgument {}
extension WeightResidency: ExpressibleByArgument {}

/// Families of engines on the command line.
enum EngineFamily: String, ExpressibleByArgument, CaseIterable {
  case reuseFactor = "reuse-factor"
  case unitParallel = "unit-parallel"
  case systolic
}

/// Sizes of a network on the command line.
struct NetworkOptions: ParsableArguments {
  @Option(help: "Kind of the recurrent layers: lstm, gru.")
  var cell = RecurrentCell.lstm

  @Option(help: "Values into the network at each step.", transform: { try size($0) })
  var input = 4

  @Option(help: "Units of a recurrent layer.", transform: { try size($0) })
  var hidden = 32

  @Option(help: "Recurrent layers.", transform: { try size($0, to: 64) })
  var layers = 1

  @Option(help: "Time steps of a sequence.", transform: { try size($0) })
  var steps = 12

  @Option(
    help: "Outputs of the dense layers after the last step, as in 64,1; none for no head.",
    transform: { text in try text == "none" ? [] : text.split(separator: ",").map { try size($0) } }
  )
  var dense = [1]

  var network: NetworkShape {
    NetworkShape(
      cell: cell, inputs: input, hidden: hidden, layers: layers, steps: steps, dense: dense)
  }
}

/// A size on the command line, bounded so that no product of sizes overflows.
func size(_ text: some StringProtocol, to largest: Int = 16384) throws -> Int {
  guard let value = Int(text), (1...largest).contains(value) else {
    throw ValidationError("\"\(text)\" is not a whole number from 1 to \(largest)")
  }
  return value
}

/// A clock on the command line, in Hz.
func frequency(_ text: String) throws -> Double {
  let units: [(String, Double)] = [("GHz", 1e9), ("MHz", 1e6), ("kHz", 1e3), ("Hz", 1)]
  let bare = text.trimmingCharacters(in: .whitespaces)
  for (unit, factor) in units where bare.lowercased().hasSuffix(unit.lowercased()) {
    let number = bare.dropLast(unit.count).trimmingCharacters(in: .whitespaces)
    guard let value = Double(number), value.isFinite, (1e3...1e10).contains(value * factor) else {
      break
    }
    return value * factor
  }
  throw ValidationError("\"\(text)\" is not a clock such as 200MHz (1kHz … 10GHz)")
}

/// JSON with sorted keys.
func writeJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  try Console.write(String(decoding: encoder.encode(value), as: UTF8.self))
}
