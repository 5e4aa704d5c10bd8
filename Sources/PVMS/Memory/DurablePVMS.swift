// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
public import StateArchive
public import Units

/// PVMS that survives its process: what comes in is written to a store before it is acted on, and a
/// restarted server goes on from there.
///
/// What is brought back is exact as long as the store holds all samples that the models have seen:
/// the checkpoint has every decision, the models are shown the samples again, and the journal is
/// worked through. With a shorter retention the models have seen less, everything else is the same.
/// Commands keep their numbers, so one that is given twice is carried out once.
public struct DurablePVMS: ManagementPolicy {
  private var policy: PVMS
  /// The policy as it was before anything came in.
  private let blank: PVMS
  private var store: any PolicyStore
  /// What is computed on, as it was at the checkpoint: a device does not restart with the server,
  /// and the journal asks it again.
  private var backend: any ComputeBackend
  private var unanswered: [CommandQueue.Entry] = []
  /// Whether the store has failed; nothing is written to it from then on.
  private var hasFailed = false
  private var failure: String?

  /// A policy that goes on from what the store holds, if it holds anything of this data center.
  ///
  /// - Parameters:
  ///   - policy: The policy with trained models, before time zero.
  ///   - store: Where it is kept.
  public init(_ policy: PVMS, store: any PolicyStore) {
    blank = policy
    self.policy = policy
    self.policy.keepsSamples = true
    self.store = store
    backend = policy.backend
    recover()
  }

  /// Takes a frame.
  public mutating func observe(_ frame: TelemetryFrame) {
    note(.frame(frame), firstCommand: 0)
    policy.observe(frame)
  }

  /// Takes an outcome.
  public mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {
    note(.outcome(outcome), firstCommand: commands.next)
    apply(.outcome(outcome), &commands)
  }

  /// Takes an incident.
  public mutating func notice(
    _ incident: Incident, at now: SimTime, commands: inout CommandQueue
  ) {
    note(.incident(incident, at: now), firstCommand: commands.next)
    apply(.incident(incident, at: now), &commands)
  }

  /// Decides.
  public mutating func decide(at now: SimTime, commands: inout CommandQueue) {
    if policy.hasWork(at: now) { note(.decision(at: now), firstCommand: commands.next) }
    apply(.decision(at: now), &commands)
    let samples = policy.takeClosed()
    if !samples.isEmpty { saveCheckpoint(adding: samples) }
    guard let failure else { return }
    self.failure = nil
    commands.issue(.raiseAlert(Alert(kind: .storeFailed, reason: failure)))
  }

  /// Forecasts since the last call.
  public mutating func takeForecasts() -> [ForecastRecord] { policy.takeForecasts() }

  /// The process starts anew: everything in memory is lost. Commands that have not been answered
  /// are given again.
  public mutating func restart(at now: SimTime, commands: inout CommandQueue) {
    policy = blank
    policy.keepsSamples = true
    policy.backend = backend
    unanswered = []
    recover()
    for entry in unanswered { commands.reissue(entry) }
  }

  // MARK: Writing

  private mutating func note(_ input: JournalEntry.Input, firstCommand: Int) {
    guard !hasFailed else { return }
    do {
      try store.append(JournalEntry(input: input, firstCommand: firstCommand))
    } catch {
      fail(error)
    }
  }

  private mutating func saveCheckpoint(adding samples: [UsageSample]) {
    backend = policy.backend
    guard !hasFailed else { return }
    let checkpoint = PolicyCheckpoint(
      shape: policy.shape, state: policy.state, learnedUntil: policy.state.nowcast.start,
      unanswered: unanswered)
    do {
      try store.save(checkpoint, adding: samples)
    } catch {
      fail(error)
    }
  }

  private mutating func fail(_ error: any Error) {
    hasFailed = true
    failure = "the policy's store failed, a restart would forget what comes now: \(error)"
  }

  // MARK: Reading

  private mutating func recover() {
    do {
      if let checkpoint = try store.checkpoint(given: policy.configuration) {
        guard checkpoint.shape == policy.shape else {
          throw RecoveryError(description: "it is of another data center or sample interval")
        }
        policy.relearn(try store.history(from: .zero, to: checkpoint.learnedUntil))
        policy.state = checkpoint.state
        unanswered = checkpoint.unanswered
      }
      for entry in try store.journal() {
        var commands = CommandQueue(firstNumber: entry.firstCommand)
        apply(entry.input, &commands)
      }
      // What has been closed since the checkpoint is written with the next one.
    } catch {
      policy = blank
      policy.keepsSamples = true
      unanswered = []
      failure = "nothing could be restored from the policy's store: \(error)"
    }
  }

  private mutating func apply(_ input: JournalEntry.Input, _ commands: inout CommandQueue) {
    let first = commands.next
    switch input {
    case .frame(let frame): policy.observe(frame)
    case .outcome(let outcome):
      unanswered.removeAll { $0.id == outcome.id }
      policy.receive(outcome, commands: &commands)
    case .incident(let incident, let now): policy.notice(incident, at: now, commands: &commands)
    case .decision(let now): policy.decide(at: now, commands: &commands)
    }
    unanswered += commands.entries.filter { $0.id.number >= first }
  }

  /// Why a store is of no use.
  private struct RecoveryError: Error, CustomStringConvertible {
    var description: String
  }
}

extension PVMS {
  /// What a checkpoint must fit.
  var shape: PolicyCheckpoint.Shape {
    .init(
      vms: inventory.vms.map(\.name), hosts: inventory.hosts.count, racks: inventory.racks.count,
      maximumShadows: parameters.maximumShadows, sampleInterval: inventory.sampleInterval)
  }

  /// What a checkpoint refers to.
  package var configuration: PolicyConfiguration {
    PolicyConfiguration(parameters: parameters, inventory: inventory)
  }

  /// Shows the models what they have seen before, in the same order of steps.
  mutating func relearn(_ samples: [UsageSample]) {
    var nobody = CommandQueue()
    for sample in samples
    where sample.span == inventory.sampleInterval && sample.cpuCores.count == capacityCores.count {
      _ = learn(sample.cpuCores, commands: &nobody)
      _ = forecastRisks()
    }
  }

  /// Takes the intervals closed since the last call.
  mutating func takeClosed() -> [UsageSample] {
    defer { closed = [] }
    return closed
  }
}

extension DurablePVMS {
  /// Exchanges policy and store.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try policy.archive(&archive)
    try store.archive(&archive, given: policy.configuration)
    try backend.archive(&archive)
    try archive.state(&unanswered)
    try archive.state(&hasFailed)
    try archive.state(&failure)
  }
}
