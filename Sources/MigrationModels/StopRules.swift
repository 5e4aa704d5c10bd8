// SPDX-License-Identifier: Apache-2.0
import Units

/// What happens to a migration whose rounds do not converge.
public enum Escalation: String, Sendable, Codable, CaseIterable {
  /// Stop the guest and send the rest, however long that takes.
  case forceSwitchOver
  /// Run the guest on the target and fetch the rest on demand.
  case postCopy
  /// Give up; the guest stays where it is.
  case abort
}

/// When the copying of a running guest ends. A rule that is nil does not exist.
public struct StopRules: Sendable, Equatable, Codable {
  /// Switch when the rest takes at most this long at the bandwidth just measured.
  public var downtimeLimit: SimTime
  /// Switch when at most this much is left, in bytes; 0 for no such floor.
  public var dirtyFloorBytes: Double
  /// Greatest number of rounds after the first pass.
  public var maximumRounds: Int?
  /// Greatest multiple of the guest's memory that may be sent.
  public var maximumBytesFactor: Double?
  /// Longest duration for each GiB of guest memory.
  public var timeoutPerGibibyte: SimTime?
  /// Longest duration.
  public var timeout: SimTime?
  /// Longest time in which the least amount of unsent memory seen so far does not fall.
  public var progressTimeout: SimTime?
  /// After too many rounds or bytes.
  public var onExhaustion: Escalation
  /// After a timeout.
  public var onTimeout: Escalation

  /// QEMU's rule alone: the downtime limit of 300 ms (migration/options.c), nothing else.
  public init(downtimeLimit: SimTime = .milliseconds(300)) {
    self.downtimeLimit = downtimeLimit
    dirtyFloorBytes = 0
    onExhaustion = .forceSwitchOver
    onTimeout = .abort
  }

  /// The absolute time limit for a guest of that much memory, or nil.
  func timeLimit(ramBytes: Double) -> SimTime? {
    let scaled = timeoutPerGibibyte.map {
      SimTime.seconds(min($0.seconds * ramBytes / 1_073_741_824, longestTimeSeconds))
    }
    switch (scaled, timeout) {
    case (let scaled?, let timeout?): return min(scaled, timeout)
    case (let scaled, let timeout): return scaled ?? timeout
    }
  }

  /// Reads the rules; a zero for a limit means that there is none.
  public init(from source: inout some ParameterSource, default preset: StopRules) {
    self = preset
    downtimeLimit = source.time(
      "downtimeLimit", default: preset.downtimeLimit, in: .zero ... .hours(1),
      about: "Switch over when the unsent memory fits into this stop.")
    dirtyFloorBytes = source.quantity(
      "dirtyFloor", .data, default: preset.dirtyFloorBytes, in: 0...1e15,
      about: "Switch over when at most this much memory is unsent; 0 B for no such rule.")
    maximumRounds = source.limit(
      "maximumRounds", default: preset.maximumRounds,
      about: "Greatest number of rounds after the first pass; 0 for no limit.")
    let factor = source.number(
      "maximumBytesFactor", default: preset.maximumBytesFactor ?? 0, in: 0...1e6,
      about: "Greatest multiple of the guest's memory that is sent; 0 for no limit.")
    maximumBytesFactor = factor > 0 ? factor : nil
    timeoutPerGibibyte = source.timeLimit(
      "timeoutPerGibibyte", default: preset.timeoutPerGibibyte,
      about: "Longest duration for each GiB of memory; 0 s for no limit.")
    timeout = source.timeLimit(
      "timeout", default: preset.timeout, about: "Longest duration; 0 s for no limit.")
    progressTimeout = source.timeLimit(
      "progressTimeout", default: preset.progressTimeout,
      about: "Longest time without progress; 0 s for no limit.")
    onExhaustion = source.named(
      "onExhaustion", default: preset.onExhaustion, about: "After too many rounds or bytes.")
    onTimeout = source.named("onTimeout", default: preset.onTimeout, about: "After a timeout.")
  }
}

/// Slowing the guest down so that its rounds converge.
public struct Throttling: Sendable, Equatable, Codable {
  /// How the throttle is chosen.
  public enum Mode: String, Sendable, Codable, CaseIterable {
    /// The guest is never slowed down.
    case none
    /// QEMU auto-converge: a first step, then further ones while dirtying stays high.
    case stepped
    /// vMotion's "stun during page send": just enough to dirty less than is sent.
    case proportional
  }
  /// How the throttle is chosen.
  public var mode: Mode
  /// First share of CPU time taken from the guest.
  public var initial: Double
  /// Further share at every step.
  public var increment: Double
  /// Greatest share ever taken.
  public var maximum: Double
  /// Dirtied ÷ sent bytes of a period above which the period counts as too high (stepped), or the
  /// ratio that is aimed at (proportional).
  public var trigger: Double
  /// Periods that must be too high for one step.
  public var periodsPerStep: Int
  /// Shortest period between two assessments.
  public var shortestPeriod: SimTime
  /// Rate at which the guest could dirty memory with all its CPU time, bytes per second, for a
  /// guest that paces its writes: it dirties less only when CPU runs short of that. Nil for a
  /// guest whose dirty rate falls in proportion to its CPU time.
  public var peakDirtyRate: Double?

  /// QEMU's numbers (migration/options.c: 20 %, +10 %, 99 %; trigger 50 %), switched off.
  public init(mode: Mode = .none) {
    self.mode = mode
    initial = 0.20
    increment = 0.10
    maximum = 0.99
    trigger = 0.50
    periodsPerStep = 2
    shortestPeriod = .seconds(1)
    peakDirtyRate = nil
  }

  /// Reads the throttle's parameters.
  public init(from source: inout some ParameterSource, default preset: Throttling) {
    mode = source.named(
      "mode", default: preset.mode, about: "How the guest is slowed down to converge.")
    initial = source.fraction(
      "initial", default: preset.initial, about: "First share of CPU time taken.")
    increment = source.fraction(
      "increment", default: preset.increment, about: "Further share at every step.")
    maximum = source.fraction(
      "maximum", default: preset.maximum, in: 0...0.999, about: "Greatest share taken.")
    trigger = source.fraction(
      "trigger", default: preset.trigger, in: 0.01...10,
      about: "Dirtied over sent bytes of a period that is too high (stepped) or aimed at.")
    periodsPerStep = source.integer(
      "periodsPerStep", default: preset.periodsPerStep, in: 1...1000,
      about: "Periods that must be too high for one step.")
    shortestPeriod = source.time(
      "shortestPeriod", default: preset.shortestPeriod, in: .milliseconds(1) ... .hours(1),
      about: "Shortest period between two assessments.")
    let peak = source.quantity(
      "peakDirtyRate", .dataRate, default: preset.peakDirtyRate ?? 0, in: 0...1e15,
      about: "What a guest that paces its writes could dirty; 0 B/s: in proportion to its CPU.")
    peakDirtyRate = peak > 0 ? peak : nil
  }
}
