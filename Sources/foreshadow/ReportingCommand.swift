// SPDX-License-Identifier: Apache-2.0
import AnomalyDetection
import ArgumentParser
import CloudSimReplay
import DataCenter
import Experiments
import ExternalPolicy
import Facility
import Forecasting
import Foundation
import HDF5
import Reporting
import Studies
import Terminal
import Workloads

/// Exit statuses of `sysexits.h` that this program uses beside 0, 1 and the parser's 64.
extension ExitCode {
  /// The scenario cannot be used as it is.
  static let badScenario = ExitCode(65)
  /// An input file is not there or cannot be read.
  static let noInput = ExitCode(66)
  /// A program that was called does not do what it has to.
  static let unavailable = ExitCode(69)
  /// A mistake of this program.
  static let internalError = ExitCode(70)
  /// Output could not be written.
  static let outputError = ExitCode(74)
}

/// A subcommand whose errors become messages on standard error and an exit status.
protocol ReportingCommand: ParsableCommand {
  /// Does the work; may throw anything.
  mutating func execute() throws
}

extension ReportingCommand {
  /// Runs the command and turns what it throws into an exit status.
  mutating func run() throws {
    do {
      try execute()
    } catch let error as ScenarioError {
      Console.report(error)
      throw error.isMissingInput ? ExitCode.noInput : ExitCode.badScenario
    } catch let error as OutputError {
      Console.say("cannot write output: \(error.reason)")
      throw ExitCode.outputError
    } catch let error as PlotImageError {
      Console.say("\(error)")
      throw ExitCode.outputError
    } catch let error as BaselineError {
      Console.say("\(error)")
      throw error.isMissing ? ExitCode.noInput : ExitCode.badScenario
    } catch let error as SeriesTableError {
      Console.say("\(error)")
      throw error.line > 0 ? ExitCode.badScenario : ExitCode.noInput
    } catch let error as ForecastInputError {
      Console.say(error.message)
      throw ExitCode.badScenario
    } catch let error as ExternalPolicyError {
      Console.say("\(error)")
      throw error.kind == .badReply ? ExitCode.badScenario : ExitCode.unavailable
    } catch let error as SlurmError {
      Console.say("\(error)")
      throw ExitCode.unavailable
    } catch let error as FacilityError {
      Console.say("facility.\(error)")
      throw ExitCode.badScenario
    } catch let error as CheckpointError {
      Console.say("\(error)")
      throw error.exitCode
    } catch let error as HDF5Error {
      Console.say("\(error)")
      throw ExitCode.outputError
    } catch let error as ValidationError {
      throw error
    } catch let error as ExitCode {
      throw error
    } catch  where isBadInput(error) {
      Console.say("\(error)")
      throw ExitCode.badScenario
    } catch {
      Console.say("internal error: \(error)")
      throw ExitCode.internalError
    }
  }
}

/// Whether an error says by itself what is wrong with the input, and where.
private func isBadInput(_ error: any Error) -> Bool {
  switch error {
  case is StudyError, is ReplayError, is TraceError, is LearnedModelError, is TraceForecastError,
    is RunStory.Problem, is NABError, is PlantSetupError, is FacilityFileError, is WorkloadError:
    true
  default: false
  }
}

extension CheckpointError {
  /// The exit status for it.
  var exitCode: ExitCode {
    switch kind {
    case .missing: .noInput
    case .damaged, .foreign, .unsupported: .badScenario
    case .unwritable: .outputError
    }
  }
}

/// Standard output took no more.
struct OutputError: Error {
  var reason: String
}

/// The two streams: data goes to standard output, everything else to standard error.
enum Console {
  /// Writes data, with a line end.
  static func write(_ text: String) throws {
    do {
      let isEnded = text.hasSuffix("\n")
      try FileHandle.standardOutput.write(contentsOf: Data((isEnded ? text : text + "\n").utf8))
    } catch {
      throw OutputError(reason: error.localizedDescription)
    }
  }

  /// Writes a message, with a line end. Nothing can be done when that fails.
  static func say(_ message: String) {
    try? FileHandle.standardError.write(contentsOf: Data((message + "\n").utf8))
  }

  /// Writes the problems of a scenario, key paths in bold on a terminal.
  static func report(_ error: ScenarioError) {
    let terminal = Terminal(descriptor: 2, environment: ProcessInfo.processInfo.environment)
    say(error.text { terminal.styled($0, .bold) })
  }
}
