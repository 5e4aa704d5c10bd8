// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments

/// The command line; each subcommand is a file of its own.
@main
struct Foreshadow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "foreshadow",
    abstract: "Simulate a data center and compare predictive with reactive management.",
    discussion: """
      Exit status: 0 done, 1 a check failed, 64 wrong usage, 65 bad input, 66 no input file, \
      69 a policy's program failed, 70 an internal error, 74 an input/output error, 130 interrupted, 143 terminated.
      """,
    version: ForeshadowVersion.current,
    subcommands: [
      RunCommand.self, CompareCommand.self, ShowCommand.self, ExplainCommand.self,
      ModelsCommand.self,
      TraceCommand.self, ForecastCommand.self, EvaluateCommand.self, OverloadsCommand.self,
      TrainCommand.self,
      AnomaliesCommand.self, ValidateCommand.self, MigrateCommand.self, ReplayCommand.self,
      ImportCommand.self,
      SchemaCommand.self, CheckCommand.self, FrontierCommand.self,
      WhatIfCommand.self, SweepCommand.self, FPGACommand.self,
    ])
}
