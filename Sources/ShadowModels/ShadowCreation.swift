// SPDX-License-Identifier: Apache-2.0
import Units

/// How a shadow comes into being.
public enum ShadowCreation: Sendable, Hashable {
  /// A fresh boot of an image that is already on the host; state is synced afterwards.
  case coldBoot(ColdBoot)
  /// The image comes over the network first.
  case imageClone(ImageClone)
  /// A stored snapshot of the running application is loaded; its memory is paged in lazily.
  case snapshotRestore(SnapshotRestore)
  /// A fork of the running primary: a small descriptor, then memory on demand (SnowFlock).
  case fork(Fork)
  /// A copy of the running primary's memory in the rounds of a live migration, kept in sync page by
  /// page until it first gets traffic.
  case liveClone(LiveClone)
  /// An instance kept suspended in the memory of its host.
  case warmStandby(WarmStandby)

  /// Boot time: log-normal.
  public struct ColdBoot: Sendable, Hashable {
    /// Median time from the order to the first answer.
    public var median: SimTime
    /// Standard deviation of its logarithm.
    public var sigma: Double
    /// A boot.
    public init(median: SimTime, sigma: Double) { (self.median, self.sigma) = (median, sigma) }
  }
  /// Image transfer, then boot.
  public struct ImageClone: Sendable, Hashable {
    /// Bytes of the image that have to come over the network.
    public var image: Bytes
    /// The boot that follows.
    public var boot: ColdBoot
    /// A transfer and a boot.
    public init(image: Bytes, boot: ColdBoot) { (self.image, self.boot) = (image, boot) }
  }
  /// Snapshot load and lazy page-in.
  public struct SnapshotRestore: Sendable, Hashable {
    /// Median time until the restored instance runs.
    public var median: SimTime
    /// Standard deviation of its logarithm.
    public var sigma: Double
    /// Part of the working set that is fetched before the instance counts as ready.
    public var prefetch: Double
    /// A restore.
    public init(median: SimTime, sigma: Double, prefetch: Double) {
      (self.median, self.sigma, self.prefetch) = (median, sigma, prefetch)
    }
  }
  /// Descriptor, then memory on demand.
  public struct Fork: Sendable, Hashable {
    /// Time until the fork runs.
    public var time: SimTime
    /// Size of the descriptor.
    public var descriptor: Bytes
    /// Part of the working set that is fetched before the fork counts as ready.
    public var prefetch: Double
    /// A fork.
    public init(time: SimTime, descriptor: Bytes, prefetch: Double) {
      (self.time, self.descriptor, self.prefetch) = (time, descriptor, prefetch)
    }
  }
  /// Memory copy of the running primary.
  public struct LiveClone: Sendable, Hashable {
    /// Longest stop of the primary that is aimed at, at the end of the copy.
    public var downtimeLimit: SimTime
    /// Share of its speed that the primary loses while its writes are tracked.
    public var slowdown: Double
    /// A copy.
    public init(downtimeLimit: SimTime, slowdown: Double) {
      (self.downtimeLimit, self.slowdown) = (downtimeLimit, slowdown)
    }
  }
  /// Wake-up of a suspended instance.
  public struct WarmStandby: Sendable, Hashable {
    /// Time of the first start, before it is put aside (a boot).
    public var boot: ColdBoot
    /// A standby that boots once.
    public init(boot: ColdBoot) { self.boot = boot }
  }
}

extension ShadowCreation.ColdBoot {
  init<Source: ParameterSource>(from source: inout Source, median: SimTime) {
    self.median = source.time(
      "median", default: median, in: .milliseconds(1) ... .hours(10),
      about: "Median boot time to the first answer (Linux in clouds: 44-97 s, Windows 430-810 s).")
    sigma = source.number(
      "sigma", default: 0.3, in: 0...3, about: "Standard deviation of the boot time's logarithm.")
  }
}

extension ShadowCreation {
  /// Reads one of the ways; the defaults' sources stand in each sentence.
  public static func read<Source: ParameterSource>(from source: inout Source) -> ShadowCreation {
    source.alternative(
      "creation", default: "coldBoot",
      of: [
        Alternative<Source, ShadowCreation>(
          "coldBoot", about: "Boot from a local image; 60 s (Mao & Humphrey 2012: 44-97 s)."
        ) { .coldBoot(ColdBoot(from: &$0, median: .seconds(60))) },
        Alternative<Source, ShadowCreation>(
          "imageClone", about: "Image over the network, then boot."
        ) { source in
          let image = Bytes(
            source.quantity(
              "image", .data, default: 2_147_483_648, in: 0...1e15,
              about: "Bytes of the image that come over the network."))
          return .imageClone(
            ImageClone(image: image, boot: ColdBoot(from: &source, median: .seconds(60))))
        },
        Alternative<Source, ShadowCreation>(
          "snapshotRestore", about: "Snapshot load, 0.2 s (public product figures: 0.05-0.36 s)."
        ) { .snapshotRestore(SnapshotRestore(from: &$0)) },
        Alternative<Source, ShadowCreation>(
          "fork", about: "VM fork, 0.8 s (SnowFlock, EuroSys 2009: below a second)."
        ) { .fork(Fork(from: &$0)) },
        Alternative<Source, ShadowCreation>(
          "liveClone",
          about: "Memory copied in the rounds of section migration, in sync until cut-over."
        ) { .liveClone(LiveClone(from: &$0)) },
        Alternative<Source, ShadowCreation>(
          "warmStandby", about: "Kept suspended in memory; resumes in the spec's resume time."
        ) { .warmStandby(WarmStandby(boot: ColdBoot(from: &$0, median: .seconds(60)))) },
      ], about: "How a shadow comes into being.")
  }
}

extension ShadowCreation.SnapshotRestore {
  init<Source: ParameterSource>(from source: inout Source) {
    median = source.time(
      "median", default: .milliseconds(200), in: .milliseconds(1) ... .hours(1),
      about: "Median time until the restored instance runs.")
    sigma = source.number(
      "sigma", default: 0.3, in: 0...3, about: "Standard deviation of its logarithm.")
    prefetch = source.fraction(
      "prefetch", default: 1,
      about: "Part of the working set that is paged in before the shadow counts as ready.")
  }
}

extension ShadowCreation.Fork {
  init<Source: ParameterSource>(from source: inout Source) {
    time = source.time(
      "time", default: .milliseconds(800), in: .milliseconds(1) ... .hours(1),
      about: "Time until the fork runs.")
    descriptor = Bytes(
      source.quantity(
        "descriptor", .data, default: 1_048_576, in: 0...1e12,
        about: "Size of the descriptor that is sent at once."))
    prefetch = source.fraction(
      "prefetch", default: 0.5,
      about: "Part of the working set that is fetched before the fork counts as ready.")
  }
}

extension ShadowCreation.LiveClone {
  init<Source: ParameterSource>(from source: inout Source) {
    downtimeLimit = source.time(
      "downtimeLimit", default: .milliseconds(300), in: .zero ... .minutes(1),
      about: "Longest stop of the primary aimed at, at the end of the copy (QEMU: 300 ms).")
    slowdown = source.fraction(
      "slowdown", default: 0.1,
      about: "Share of its speed that the primary loses while its writes are tracked.")
  }
}
