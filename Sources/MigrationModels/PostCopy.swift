// SPDX-License-Identifier: Apache-2.0
import Units

/// Fetching memory while the guest already runs on the target.
public struct PostCopy: Sendable, Equatable, Codable {
  /// Share of the post-copied working set that the guest faults on, the rest comes in time.
  ///
  /// 0.17–0.21 for large workloads over 1 Gb/s (Hines & Gopalan, VEE 2009).
  public var faultShare: Double
  /// Network round trip of one fault.
  public var roundTrip: SimTime
  /// Bytes of memory per second that the target can put in place at most.
  public var throughputBytesPerSecond: Double
  /// Pages that a resumed guest needs one after the other before it answers anyone; each waits
  /// for a round trip and for the bytes that are already under way.
  public var pagesToRespond: Double

  /// A fifth of the pages fault, over 0.2 ms; nothing else costs time.
  public init() {
    faultShare = 0.2
    roundTrip = SimTime(nanoseconds: 200_000)
    throughputBytesPerSecond = 1e15
    pagesToRespond = 0
  }

  /// Reads the parameters.
  public init(from source: inout some ParameterSource, default preset: PostCopy) {
    faultShare = source.fraction(
      "faultShare", default: preset.faultShare,
      about: "Share of the post-copied working set that the guest faults on.")
    roundTrip = source.time(
      "roundTrip", default: preset.roundTrip, in: .zero ... .hours(1),
      about: "Network round trip of one page fault.")
    throughputBytesPerSecond = source.quantity(
      "throughput", .dataRate, default: preset.throughputBytesPerSecond, in: 1e3...1e15,
      about: "Memory that the target can put in place at most.")
    pagesToRespond = source.number(
      "pagesToRespond", default: preset.pagesToRespond, in: 0...1e9,
      about: "Pages that a resumed guest needs one after the other before it answers.")
  }
}
