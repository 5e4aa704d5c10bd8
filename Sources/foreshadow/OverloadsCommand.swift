// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Forecasting
import Foundation
import Reporting

/// `foreshadow overloads`: how well overloads can be foretold on a file of series.
struct OverloadsCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "overloads",
    abstract: "Score who foretells overloads: alarms found and false, at equal alarms.",
    discussion: """
      A series is overloaded while its value exceeds its capacity, a percentile of its first values. \
      Predictors are `classifier`, trees trained on the question itself as PVMS uses them, and the \
      forecast models, read off their quantiles. Trained once, then only observing.

      Example: foreshadow overloads --data azure.csv --train 2016 --origins 2016:4031:1 \
      --predictors classifier,default,ar --plot roc.svg
      """)

  @OptionGroup var protocolOptions: ForecastProtocolOptions

  @Option(
    help: """
      Who foretells, separated by commas: \(OverloadEvaluation.Predictor.classifierName), \
      \(ForecastModel.names.joined(separator: ", ")).
      """)
  var predictors = "classifier,default,ar"

  @Option(help: "The predictor with which the others are compared (default: the last).")
  var reference: String?

  @Option(help: "Steps ahead.")
  var horizon = 1

  @Option(help: "Percentile of the first values that is the capacity, 0 to 100.")
  var percentile = 95.0

  @Option(help: "Least capacity.")
  var minimum = 2.0

  @Option(
    help: "Also draw the characteristics into this SVG file.",
    completion: .file(extensions: ["svg"]))
  var plot: String?

  @Flag(help: "Overwrite the picture if it exists.")
  var force = false

  @Flag(help: "Print every figure as JSON.")
  var json = false

  func validate() throws {
    guard (1...1_000_000).contains(horizon) else {
      throw ValidationError("--horizon: expected 1 … 1000000, found \(horizon)")
    }
    guard (0...100).contains(percentile) else {
      throw ValidationError("--percentile: expected 0 … 100, found \(percentile)")
    }
    guard minimum > 0, minimum.isFinite else {
      throw ValidationError("--minimum: expected a positive number, found \(minimum)")
    }
  }

  mutating func execute() throws {
    let names = try modelNames(predictors)
    let chosen = try names.map(predictor)
    let reference = reference ?? (names.count > 1 ? names.last : nil)
    if let reference, !names.contains(reference) {
      throw ValidationError("--reference: \"\(reference)\" is not one of \(predictors)")
    }
    if let plot { try OutputFile.check(plot, force: force) }
    let (table, plan) = try protocolOptions.read(horizons: [horizon])
    let progress = ProgressReport(total: chosen.count, noun: "predictors")
    let report = try OverloadReport(
      chosen, on: table, plan: plan,
      capacity: OverloadEvaluation.CapacityRule(percentile: percentile, minimum: minimum),
      data: protocolOptions.data
    ) { progress.report(done: $0) }
    let text = OverloadTable(report, reference: reference)
    if let plot { try OutputFile.write(text.picture.standaloneText, to: plot) }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try Console.write(String(decoding: encoder.encode(report), as: UTF8.self))
    } else {
      try Console.write(text.text)
    }
    if let plot { Console.say("picture  \(plot)") }
  }

  private func predictor(_ name: String) throws -> OverloadEvaluation.Predictor {
    name == OverloadEvaluation.Predictor.classifierName
      ? .classifier : .forecast(try catalogModel(name))
  }
}
