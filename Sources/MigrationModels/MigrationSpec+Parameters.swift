// SPDX-License-Identifier: Apache-2.0
import Units

extension MigrationSpec {
  /// Reads a preset's name and whatever differs from it.
  public init(from source: inout some ParameterSource) {
    let presets = MigrationPreset.all
    let name = source.choice(
      "preset", default: MigrationPreset.qemu.name, of: presets.map(\.name),
      about: "Implementation whose published numbers are the defaults of all keys below.")
    let preset = (presets.first { $0.name == name } ?? .qemu).spec
    self = preset
    method = source.named("method", default: preset.method, about: "How memory moves.")
    stop = source.section("stop", about: "When the copying of a running guest ends.") {
      StopRules(from: &$0, default: preset.stop)
    }
    throttling = source.section("throttling", about: "Slowing the guest to converge.") {
      Throttling(from: &$0, default: preset.throttling)
    }
    transport = source.section("transport", about: "How memory becomes bytes on the wire.") {
      MigrationTransport(from: &$0, default: preset.transport)
    }
    postCopy = source.section("postCopy", about: "Fetching memory after the switch.") {
      PostCopy(from: &$0, default: preset.postCopy)
    }
    cost = source.section("cost", about: "What a migration costs hosts and guest.") {
      MigrationCost(from: &$0, default: preset.cost)
    }
    readTimes(from: &source, preset: preset)
    readLimits(from: &source, preset: preset)
  }

  private mutating func readTimes(from source: inout some ParameterSource, preset: MigrationSpec) {
    resynchronisation = source.named(
      "resynchronisation", default: preset.resynchronisation,
      about: "When dirty pages are looked for.")
    iterationInterval = source.time(
      "iterationInterval", default: preset.iterationInterval, in: .milliseconds(1) ... .hours(1),
      about: "Interval of the early look without a cap.")
    capWindow = source.time(
      "capWindow", default: preset.capWindow, in: .milliseconds(1) ... .hours(1),
      about: "Window in which a cap's budget is dealt out; interval of the early look with it.")
    setupTime = source.time(
      "setupTime", default: preset.setupTime, in: .zero ... .days(1),
      about: "From the request to the first byte.")
    switchOverTime = source.time(
      "switchOverTime", default: preset.switchOverTime, in: .zero ... .hours(1),
      about: "Fixed part of the stop: device state, resume, announcement.")
    resumeTime = source.time(
      "resumeTime", default: preset.resumeTime, in: .zero ... .hours(1),
      about: "What a client sees on top of the reported stop.")
    finishTime = source.time(
      "finishTime", default: preset.finishTime, in: .zero ... .days(1),
      about: "From the switch to the end of the migration.")
  }

  private mutating func readLimits(from source: inout some ParameterSource, preset: MigrationSpec) {
    attempts = source.integer(
      "attempts", default: preset.attempts, in: 1...1000, about: "Tries altogether.")
    retryDelay = source.time(
      "retryDelay", default: preset.retryDelay, in: .zero ... .days(1),
      about: "Pause before the second try; doubled for each further one.")
    maximumPerHost = source.limit(
      "maximumPerHost", default: preset.maximumPerHost,
      about: "Migrations that may leave one host at the same time; 0 for no limit.")
    maximumPerCluster = source.limit(
      "maximumPerCluster", default: preset.maximumPerCluster,
      about: "Migrations in the whole cluster at the same time; 0 for no limit.")
  }
}
