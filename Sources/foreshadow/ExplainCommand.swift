// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Experiments
import Units

/// `foreshadow explain`: why a policy did what it did with a VM.
struct ExplainCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Tell what happened to a VM around an instant of a run, and why.")

  @Argument(help: "A run file (.h5).", completion: .file(extensions: ["h5"]))
  var file: String

  @Option(help: "Name of the VM.")
  var vm: String

  @Option(
    help: "The instant, e.g. 14:05, '1d 02:00' or '26 h'.",
    transform: { text in
      guard let time = instant(text) else {
        throw ValidationError("expected a time like 14:05, '1d 02:00' or '26 h'")
      }
      return time
    })
  var at: SimTime

  @Option(
    help: "How much is told before and after it (default: 15 min).",
    transform: { text in
      guard let time = instant(text) else {
        throw ValidationError("expected a time like '15 min'")
      }
      return time
    })
  var window: SimTime = .minutes(15)

  mutating func execute() throws {
    let story = try RunStory(RunFileReader(path: file), vm: vm, at: at, window: window)
    try Console.write(story.text)
  }
}
