// SPDX-License-Identifier: Apache-2.0
import Units

/// How memory moves from one host to another.
public enum MigrationMethod: String, Sendable, Codable, CaseIterable {
  /// Rounds of copying while the guest runs, then a short stop.
  case preCopy
  /// The guest moves at once and fetches its memory on demand.
  case postCopy
  /// One full pass while the guest runs, then post-copy.
  case hybrid
  /// The guest stands still for the whole transfer.
  case stopAndCopy
  /// One delay of memory ÷ bandwidth without any stop (CloudSim's model).
  case delay
}

/// When the sender looks for pages that were dirtied since it last looked.
public enum Resynchronisation: String, Sendable, Codable, CaseIterable {
  /// After every full pass over the dirty pages (textbook, Xen, SimGrid).
  case endOfPass
  /// As soon as what is left fits into the downtime limit (QEMU); looked at between iterations.
  case early
}

/// Everything that decides how a live migration runs, apart from the guest and the network.
///
/// Presets (``MigrationPreset``) hold published defaults of real implementations.
public struct MigrationSpec: Sendable, Equatable, Codable {
  /// How memory moves.
  public var method: MigrationMethod
  /// When the copying of the running guest ends.
  public var stop: StopRules
  /// Slowing the guest down.
  public var throttling: Throttling
  /// Memory to wire bytes.
  public var transport: MigrationTransport
  /// When dirty pages are looked for.
  public var resynchronisation: Resynchronisation
  /// Interval of that look with ``Resynchronisation/early`` when nothing caps the rate.
  public var iterationInterval: SimTime
  /// The same with a cap, whose budget is dealt out in such windows.
  public var capWindow: SimTime
  /// From the request to the first byte.
  public var setupTime: SimTime
  /// Fixed part of the stop: device state, resume on the target, announcing the new place.
  public var switchOverTime: SimTime
  /// What a client sees on top of the reported stop: loading state, first scheduling.
  public var resumeTime: SimTime
  /// From the switch to the end of the migration (clean-up).
  public var finishTime: SimTime
  /// Fetching memory after the switch.
  public var postCopy: PostCopy
  /// Tries altogether, at least 1.
  public var attempts: Int
  /// Pause before the second try; doubled for each further one.
  public var retryDelay: SimTime
  /// Work, energy and slowdown caused.
  public var cost: MigrationCost
  /// Greatest number of migrations that leave one host at the same time; nil for no limit.
  public var maximumPerHost: Int?
  /// Greatest number of migrations in the whole cluster at the same time; nil for no limit.
  public var maximumPerCluster: Int?

  /// A pre-copy migration with textbook transport and the given stop rules.
  public init(stop: StopRules = StopRules()) {
    method = .preCopy
    self.stop = stop
    throttling = Throttling()
    transport = .ideal
    resynchronisation = .endOfPass
    iterationInterval = .milliseconds(50)
    capWindow = .milliseconds(100)
    setupTime = .zero
    switchOverTime = .zero
    resumeTime = .zero
    finishTime = .zero
    postCopy = PostCopy()
    attempts = 1
    retryDelay = .seconds(20)
    cost = MigrationCost()
  }
}

extension MigrationSpec {
  /// Wire rate at which the target can put post-copied pages in place.
  var postCopyRate: Double { postCopy.throughputBytesPerSecond * transport.wireFactor }

  /// What a client waits for on top of the reported stop: the bytes still in buffers, the
  /// resumption, and after a switch to post-copy the first pages, which wait behind those buffers.
  func unseenOutage(wireRate: Double, isPostCopied: Bool) -> SimTime {
    guard wireRate > 0 else { return resumeTime }
    let drain = transport.bufferedBytes / wireRate
    guard isPostCopied else { return resumeTime + .seconds(min(drain, longestTimeSeconds)) }
    let rate = min(wireRate, postCopyRate)
    let fault = postCopy.roundTrip.seconds + transport.bufferedBytes / rate
    return resumeTime
      + .seconds(min(drain + postCopy.pagesToRespond * fault, longestTimeSeconds))
  }
}

/// What a migration costs the two hosts and the guest.
public struct MigrationCost: Sendable, Equatable, Codable {
  /// Core-seconds of the source host for each GB sent.
  public var sourceCoreSecondsPerGigabyte: Double
  /// Core-seconds of the target host for each GB received.
  public var targetCoreSecondsPerGigabyte: Double
  /// Share of its capacity that the guest loses while it is being copied.
  public var guestSlowdown: Double
  /// Energy for each MB sent, both hosts together, in joules (Liu et al., HPDC 2011: 0.512).
  public var energyJoulesPerMegabyte: Double
  /// Energy of each migration, both hosts together, in joules (ibid.: 20.165).
  public var energyJoulesFixed: Double

  /// No slowdown; CPU as measured on QEMU 7.2 (about 1.5 and 2 core-seconds a GB over TCP); energy
  /// zero, because the CPU time is charged through the hosts' power curves.
  public init(
    sourceCoreSecondsPerGigabyte: Double = 1.5, targetCoreSecondsPerGigabyte: Double = 2,
    guestSlowdown: Double = 0, energyJoulesPerMegabyte: Double = 0, energyJoulesFixed: Double = 0
  ) {
    self.sourceCoreSecondsPerGigabyte = sourceCoreSecondsPerGigabyte
    self.targetCoreSecondsPerGigabyte = targetCoreSecondsPerGigabyte
    self.guestSlowdown = guestSlowdown
    self.energyJoulesPerMegabyte = energyJoulesPerMegabyte
    self.energyJoulesFixed = energyJoulesFixed
  }

  /// Extra energy of a migration that sent `bytes`, where no power curve covers it.
  public func energy(sent bytes: Bytes) -> Joules {
    Joules(energyJoulesFixed + energyJoulesPerMegabyte * bytes.value / 1e6)
  }

  /// Time over which the fixed part is drawn, from the start on. The source gives energies only; a
  /// second is the order of connecting and setting up.
  public static let startTime = SimTime.seconds(1)

  /// The fixed part as power of *each* of the two hosts during ``startTime``.
  public var startPower: Watts { Watts(energyJoulesFixed / 2 / Self.startTime.seconds) }

  /// The rest as power of *each* of the two hosts while payload is sent at that rate.
  public func transferPower(at rate: BytesPerSecond) -> Watts {
    Watts(energyJoulesPerMegabyte / 2 * rate.value / 1e6)
  }

  /// Reads the costs.
  public init(from source: inout some ParameterSource, default preset: MigrationCost) {
    sourceCoreSecondsPerGigabyte = source.number(
      "sourceCoreSecondsPerGigabyte", default: preset.sourceCoreSecondsPerGigabyte,
      in: 0...1000, about: "CPU time on the source host for each GB sent.")
    targetCoreSecondsPerGigabyte = source.number(
      "targetCoreSecondsPerGigabyte", default: preset.targetCoreSecondsPerGigabyte,
      in: 0...1000, about: "CPU time on the target host for each GB received.")
    guestSlowdown = source.fraction(
      "guestSlowdown", default: preset.guestSlowdown,
      about: "Share of its capacity that a guest loses while it is copied (often 10 %).")
    energyJoulesPerMegabyte = source.number(
      "energyJoulesPerMegabyte", default: preset.energyJoulesPerMegabyte, in: 0...1000,
      about: "Energy for each MB sent that no power curve covers (Liu 2011: 0.512).")
    energyJoulesFixed = source.quantity(
      "energyFixed", .energy, default: preset.energyJoulesFixed, in: 0...1e9,
      about: "Energy of each migration that no power curve covers (Liu 2011: 20.165 J).")
  }
}
