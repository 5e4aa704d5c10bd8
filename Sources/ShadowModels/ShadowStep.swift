// SPDX-License-Identifier: Apache-2.0
import Units

/// A step of a shadow's life that takes time.
public enum ShadowStep: String, Sendable, CaseIterable {
  /// From the order to a running minimal instance.
  case provision
  /// From the minimal configuration to the primary's.
  case hotPlug
  /// Application state from the primary, before the shadow is ready.
  case sync
  /// From running to kept in memory without CPU.
  case suspend
  /// From suspended to running.
  case resume
  /// From the order to the release of all resources.
  case terminate
}

/// What a step needs: a delay (fixed and random part) and a transfer over the network.
///
/// The owner turns it into events: it draws the delay, and sends the bytes as a flow of its own,
/// or takes both together at a given bandwidth (``duration(delay:bandwidth:)``).
public struct StepWork: Sendable, Hashable {
  /// Part of the delay that is always the same.
  public var fixed: SimTime
  /// Median of the random part, which is log-normal.
  public var median: SimTime
  /// Standard deviation of the random part's logarithm; 0 makes it constant.
  public var sigma: Double
  /// Bytes to move to the shadow's host.
  public var bytes: Bytes

  /// Work with these parts.
  public init(
    fixed: SimTime = .zero, median: SimTime = .zero, sigma: Double = 0, bytes: Bytes = .zero
  ) {
    self.fixed = fixed
    self.median = median
    self.sigma = sigma
    self.bytes = bytes
  }

  /// The step's duration at a constant bandwidth; nil when there are bytes but no bandwidth.
  public func duration(delay: SimTime, bandwidth: BytesPerSecond) -> SimTime? {
    guard bytes.value > 0 else { return delay }
    let seconds = bytes.value / bandwidth.value
    guard bandwidth.value > 0, seconds < longestStepSeconds else { return nil }
    return delay + .seconds(seconds)
  }
}

/// A year: a transfer that takes longer counts as impossible.
let longestStepSeconds = 3.2e7

/// What is known of a guest when a step of its shadow begins.
public struct ShadowGuest: Sendable, Hashable {
  /// Memory of the primary.
  public var memory: Bytes
  /// Part of it that is in use.
  public var used: Bytes
  /// Part that it keeps rewriting or reading: what a lazily restored guest needs at once.
  public var workingSet: Bytes
  /// Rate at which the primary changes its memory.
  public var dirtyRate: BytesPerSecond
  /// Time since the shadow's copy was last up to date; zero when there is none yet.
  public var age: SimTime

  /// A guest.
  public init(
    memory: Bytes, used: Bytes, workingSet: Bytes, dirtyRate: BytesPerSecond = .zero,
    age: SimTime = .zero
  ) {
    self.memory = memory
    self.used = used
    self.workingSet = workingSet
    self.dirtyRate = dirtyRate
    self.age = age
  }

  /// What changed since the copy was up to date: at most the working set.
  public var changed: Bytes { min(dirtyRate * age, workingSet) }
}
