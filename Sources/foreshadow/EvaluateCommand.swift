// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Forecasting
import Foundation
import Reporting

/// `foreshadow evaluate`: how good forecast models are on a file of series.
struct EvaluateCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Score forecast models on a file of series, with a rolling origin.",
    discussion: """
      Models are trained once, on the first values of all series, and then only observe. At origin t \
      the values 0 … t-1 are known; the forecast for horizon h is of value t+h-1.

      Example: foreshadow evaluate --data azure.csv --train 2016 --horizons 1,12,288 \
      --origins 2016:3744:12 --models default,ses
      """)

  @OptionGroup var protocolOptions: ForecastProtocolOptions

  @Option(help: "Steps ahead, ascending, separated by commas.", transform: numbers)
  var horizons: [Int]

  @Option(help: "Models, separated by commas: \(ForecastModel.names.joined(separator: ", ")).")
  var models = "default"

  @Flag(help: "Print every figure as JSON.")
  var json = false

  mutating func execute() throws {
    let chosen = try modelNames(models).map(catalogModel)
    let (table, plan) = try protocolOptions.read(horizons: horizons)
    let progress = ProgressReport(total: chosen.count, noun: "models")
    let report = EvaluationReport(
      chosen, on: table, plan: plan, data: protocolOptions.data, sample: protocolOptions.sample
    ) { progress.report(done: $0) }
    guard json else { return try Console.write(EvaluationTable(report).text) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try Console.write(String(decoding: encoder.encode(report), as: UTF8.self))
  }
}

/// Input of a forecast command that does not fit together.
struct ForecastInputError: Error {
  var message: String
}

/// Names in a comma-separated list, each once.
func modelNames(_ list: String) throws -> [String] {
  let names = list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  guard !names.isEmpty else { throw ValidationError("--models needs at least one name") }
  if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
    throw ValidationError("model \"\(twice)\" is there twice")
  }
  return names
}

/// Ascending numbers from 1 in a comma-separated list.
func numbers(_ list: String) throws -> [Int] {
  let numbers = list.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
  guard numbers.allSatisfy({ (1...1_000_000).contains($0) }),
    zip(numbers, numbers.dropFirst()).allSatisfy(<)
  else { throw ValidationError("expected ascending numbers of steps such as 1,12,288") }
  return numbers
}

/// `first:last:step` on the command line.
struct OriginRange: ExpressibleByArgument {
  var first: Int
  var last: Int
  var stride: Int

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 3, let first = parts[0], let last = parts[1], let stride = parts[2],
      first >= 1, last >= first, stride >= 1
    else { return nil }
    (self.first, self.last, self.stride) = (first, last, stride)
  }
}

/// `low:high` on the command line.
struct ValueRange: ExpressibleByArgument {
  var range: ClosedRange<Double>

  init(range: ClosedRange<Double>) { self.range = range }

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
    guard parts.count == 2, let low = parts[0], let high = parts[1], low.isFinite, low < high
    else { return nil }
    range = low...high
  }

  var defaultValueDescription: String { "\(range.lowerBound):\(range.upperBound)" }
}
