// SPDX-License-Identifier: Apache-2.0
import SimulationKernel
import Units

/// How shadows are made, kept and given up: latencies, transfers, costs and failures as data.
///
/// The owner asks for the ``work(of:guest:)`` of a step and turns it into events, or draws whole
/// durations with ``sampleDuration(of:guest:stream:bandwidth:)`` where the bandwidth is constant.
public struct ShadowSpec: Sendable, Hashable {
  /// How a shadow comes into being.
  public var creation: ShadowCreation
  /// Time to plug vCPUs and memory into a running minimal instance.
  public var hotPlugTime: SimTime
  /// Fixed time of the first state sync.
  public var syncTime: SimTime
  /// Part of the primary's working set that the first sync transfers, after a boot.
  public var syncShare: Double
  /// Bandwidth that keeping in sync takes, as a share of the primary's dirty rate.
  public var syncRateShare: Double
  /// Time to suspend into memory.
  public var suspendTime: SimTime
  /// Time to resume from memory.
  public var resumeTime: SimTime
  /// Time to stop and release everything.
  public var terminateTime: SimTime
  /// CPU that a booting or restoring instance uses.
  public var provisionCores: Cores
  /// CPU that a running shadow without traffic uses.
  public var standbyCores: Cores
  /// Probability that a step fails, by ``ShadowStep`` in the order of its cases.
  public var failureProbability: [Double]
  /// Further tries of a failed step before the shadow is given up.
  public var retries: Int
  /// Pause before a further try.
  public var retryDelay: SimTime

  /// Reads the section on shadows.
  public init<Source: ParameterSource>(from source: inout Source) {
    creation = ShadowCreation.read(from: &source)
    hotPlugTime = source.time(
      "hotPlugTime", default: .seconds(2), in: .zero ... .hours(1),
      about: "Time to plug vCPUs and memory into a running minimal instance.")
    syncTime = source.time(
      "syncTime", default: .seconds(1), in: .zero ... .hours(1),
      about: "Fixed time of the first state sync, besides its transfer.")
    syncShare = source.fraction(
      "syncShare", default: 1,
      about: "Part of the primary's working set that the first sync transfers.")
    syncRateShare = source.fraction(
      "syncRateShare", default: 0.1,
      about: "Bandwidth of keeping in sync, as a share of the primary's dirty rate.")
    suspendTime = source.time(
      "suspendTime", default: .seconds(1), in: .zero ... .hours(1),
      about: "Time to suspend into memory.")
    resumeTime = source.time(
      "resumeTime", default: .milliseconds(500), in: .zero ... .hours(1),
      about: "Time to resume from memory (0.1-1 s).")
    terminateTime = source.time(
      "terminateTime", default: .seconds(2), in: .zero ... .hours(1),
      about: "Time to stop and release everything.")
    provisionCores = Cores(
      source.quantity(
        "provisionCores", .cores, default: 1, in: 0...1024,
        about: "CPU that a booting or restoring instance uses."))
    standbyCores = Cores(
      source.quantity(
        "standbyCores", .cores, default: 0.02, in: 0...1024,
        about: "CPU that a running shadow without traffic uses."))
    let steps = ShadowStep.allCases.map(\.rawValue)
    let given = source.table(
      "failureProbability", .fraction, of: steps, default: [], in: 0...1,
      about: "Probability that a step fails; steps that are not named do not.")
    failureProbability = steps.map { name in
      given.first { $0.name == name }?.value ?? 0
    }
    retries = source.integer(
      "retries", default: 1, in: 0...100, about: "Further tries of a failed step.")
    retryDelay = source.time(
      "retryDelay", default: .seconds(1), in: .zero ... .hours(1),
      about: "Pause before a further try.")
  }

  /// The defaults of every key.
  public init() {
    var source = DefaultParameters()
    self.init(from: &source)
  }

  /// Whether the state comes with the copy, so that only later changes need to be synced.
  public var copiesState: Bool {
    switch creation {
    case .coldBoot, .imageClone, .warmStandby: false
    case .snapshotRestore, .fork, .liveClone: true
    }
  }

  /// The parameters of a live clone; nil for the other ways of creation.
  public var liveClone: ShadowCreation.LiveClone? {
    guard case .liveClone(let clone) = creation else { return nil }
    return clone
  }

  /// Bandwidth that a shadow in sync takes from its primary's host.
  ///
  /// A live clone that has not had traffic yet follows the primary page by page; every other shadow,
  /// and the clone after its cut-over, by what the application tells it.
  public func syncRate(of guest: ShadowGuest, hasCutOver: Bool = true) -> BytesPerSecond {
    liveClone != nil && !hasCutOver ? guest.dirtyRate : guest.dirtyRate * syncRateShare
  }

  /// What a step needs for that guest.
  public func work(of step: ShadowStep, guest: ShadowGuest) -> StepWork {
    switch step {
    case .provision: provisioning(of: guest)
    case .hotPlug: StepWork(fixed: hotPlugTime)
    case .sync:
      StepWork(
        fixed: syncTime,
        bytes: copiesState || guest.age > .zero
          ? guest.changed : guest.workingSet * syncShare)
    case .suspend: StepWork(fixed: suspendTime)
    case .resume: StepWork(fixed: resumeTime)
    case .terminate: StepWork(fixed: terminateTime)
    }
  }

  private func provisioning(of guest: ShadowGuest) -> StepWork {
    switch creation {
    case .coldBoot(let boot): StepWork(median: boot.median, sigma: boot.sigma)
    case .imageClone(let clone):
      StepWork(median: clone.boot.median, sigma: clone.boot.sigma, bytes: clone.image)
    case .snapshotRestore(let restore):
      StepWork(
        median: restore.median, sigma: restore.sigma, bytes: guest.workingSet * restore.prefetch)
    case .fork(let fork):
      StepWork(fixed: fork.time, bytes: fork.descriptor + guest.workingSet * fork.prefetch)
    // The first pass alone: how many rounds follow depends on bandwidth and dirty rate.
    case .liveClone: StepWork(fixed: .zero, bytes: guest.used)
    case .warmStandby(let standby):
      StepWork(median: standby.boot.median, sigma: standby.boot.sigma)
    }
  }

  /// Draws how long the delay part of a step's work takes; always takes the same number of draws.
  public func sampleDelay(of work: StepWork, stream: inout RandomStream) -> SimTime {
    let factor = stream.logNormal(median: 1, sigma: work.sigma)
    return work.fixed + .seconds(min(work.median.seconds * factor, longestStepSeconds))
  }

  /// Draws how long a whole step takes at a constant bandwidth.
  ///
  /// - Returns: nil when bytes have to move and there is no bandwidth for them.
  public func sampleDuration(
    of step: ShadowStep, guest: ShadowGuest, stream: inout RandomStream,
    bandwidth: BytesPerSecond
  ) -> SimTime? {
    let work = work(of: step, guest: guest)
    return work.duration(delay: sampleDelay(of: work, stream: &stream), bandwidth: bandwidth)
  }

  /// Expected time from the order to ready: what a policy that plans ahead has to allow for.
  ///
  /// Means of log-normal parts are `median × e^(σ²/2)`; retries are not counted.
  public func expectedLeadTime(guest: ShadowGuest, bandwidth: BytesPerSecond) -> SimTime? {
    var total = SimTime.zero
    for step in [ShadowStep.provision, .hotPlug, .sync] {
      let work = work(of: step, guest: guest)
      let random = work.median.seconds * meanOverMedian(sigma: work.sigma)
      let delay = work.fixed + .seconds(min(random, longestStepSeconds))
      guard let duration = work.duration(delay: delay, bandwidth: bandwidth) else { return nil }
      total += duration
    }
    return total
  }

  /// Draws whether a step fails; always takes one draw.
  public func fails(_ step: ShadowStep, stream: inout RandomStream) -> Bool {
    let probability = ShadowStep.allCases.firstIndex(of: step).map { failureProbability[$0] } ?? 0
    return stream.uniform() < probability
  }
}
