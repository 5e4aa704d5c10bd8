// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import Forecasting
import Foundation
import Reporting
import Terminal
import Workloads

/// `foreshadow forecast`: what one VM of a trace will need, and how sure that is.
struct ForecastCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "forecast",
    abstract: "Forecast the load of one VM of a trace.",
    discussion: """
      The model is trained on the trace and forecasts from its end. A model that can't be trained on \
      it, or has seen too little of the VM, is replaced by a simpler one; the output says so.

      Example: foreshadow forecast azure.csv --vm vm17 --model ses --horizons 1,12,288
      """)

  @Argument(help: "A trace file (plain or gzip) or folder.", completion: .file())
  var file: String

  @Option(help: "Name of the VM.")
  var vm: String

  @Option(help: "The model: \(ForecastModel.names.joined(separator: ", ")).")
  var model = "default"

  @Option(
    help: "Samples ahead, ascending, separated by commas (default: 1, an hour and a day).",
    transform: numbers)
  var horizons: [Int]?

  @Option(
    help: "Folder of `foreshadow train`: its models are used instead of training.",
    completion: .directory)
  var registry: String?

  @Option(help: "Forecast from this many samples before the end, and show what came.")
  var ago = 0

  @OptionGroup var trace: TraceOptions

  @Option(help: "Also draw a picture into this SVG file.", completion: .file(extensions: ["svg"]))
  var plot: String?

  @Flag(help: "Overwrite the picture if it exists.")
  var force = false

  @Flag(help: "Print as JSON.")
  var json = false

  mutating func execute() throws {
    var chosen = try catalogModel(model)
    if let registry {
      chosen = try ModelRegistry(folder: registry).forecastModel(
        named: model, metric: self.trace.metric.rawValue)
    }
    if let plot { try OutputFile.check(plot, force: force) }
    let trace = try self.trace.read([file])
    let forecast = try TraceForecast(
      trace, file: file, vm: vm, metric: self.trace.metric, model: chosen,
      horizons: horizons ?? TraceForecast.usualHorizons(interval: trace.interval), ago: ago)
    let text = ForecastText(forecast)
    if let plot { try OutputFile.write(text.picture.standaloneText, to: plot) }
    try Console.write(json ? forecast.json.prettyText : text.text)
    if let plot { Console.say("picture  \(plot)") }
  }
}

/// The model of a name given on the command line.
func catalogModel(_ name: String) throws -> ForecastModel {
  do { return try ForecastModel.named(name) } catch { throw ValidationError("\(error)") }
}
