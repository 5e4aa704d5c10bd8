// SPDX-License-Identifier: Apache-2.0
import Units

/// Size of a guest page, the unit of dirty tracking, in bytes.
let pageBytes = 4096.0

/// How memory becomes bytes on the wire, and how fast.
public struct MigrationTransport: Sendable, Equatable, Codable {
  /// Greatest rate while the guest runs, bytes per second; nil for none.
  ///
  /// QEMU lifts it for the last, stopped part.
  public var capBytesPerSecond: Double?
  /// What one migration can send at most, bytes per second (copying, not the network).
  public var hostThroughputBytesPerSecond: Double
  /// Share of the link rate that is left for the payload.
  public var goodput: Double
  /// Wire bytes of header for each page of 4 KiB that is sent.
  public var pageHeaderBytes: Double
  /// Wire bytes for a page of zeros; nil when such pages are sent like all others.
  public var zeroPageBytes: Double?
  /// Wire bytes ÷ memory bytes of compressed pages, 1 without compression.
  public var compressionFactor: Double
  /// Wire bytes ÷ memory bytes for a page that is sent the third time or later (delta compression
  /// as QEMU's XBZRLE), 1 without it.
  public var deltaFactor: Double
  /// Memory of the delta cache in bytes; only working sets that fit into it gain.
  public var deltaCacheBytes: Double
  /// Share of guest memory that a guest kernel keeps behind the run of free (zero) pages at the end
  /// of memory: page descriptors (64 B a page, 1/64) and early allocations.
  public var kernelTailShare: Double
  /// Bytes of processor and device state sent after the guest stopped.
  public var deviceStateBytes: Double
  /// Bytes under way in buffers when the sender thinks that all is sent; the outage outside is
  /// longer by their transfer.
  public var bufferedBytes: Double

  /// Payload only, without limits: what textbook models assume.
  public static var ideal: MigrationTransport {
    MigrationTransport(
      capBytesPerSecond: nil, hostThroughputBytesPerSecond: 1e15, goodput: 1, pageHeaderBytes: 0,
      zeroPageBytes: nil, compressionFactor: 1, deltaFactor: 1, deltaCacheBytes: 0,
      kernelTailShare: 0, deviceStateBytes: 0, bufferedBytes: 0)
  }

  /// ``deltaFactor`` for a guest that writes nearly the same again: QEMU 7.2 sent 0.35 MB instead
  /// of 46 MB (measured, working set rewritten with a counter).
  public static let typicalDeltaFactor = 0.01

  /// Wire bytes for each byte of a page that is sent in full.
  var wireFactor: Double { compressionFactor + pageHeaderBytes / pageBytes }
  /// Wire bytes for each byte of zeros.
  var zeroFactor: Double { zeroPageBytes.map { $0 / pageBytes } ?? wireFactor }

  /// Wire rate on a link that gives this flow `linkBytesPerSecond`, before any cap.
  func wireRate(linkBytesPerSecond: Double) -> Double {
    max(0, min(linkBytesPerSecond * goodput, hostThroughputBytesPerSecond))
  }
  /// Wire rate while the guest runs.
  func cappedRate(linkBytesPerSecond: Double) -> Double {
    min(wireRate(linkBytesPerSecond: linkBytesPerSecond), capBytesPerSecond ?? .infinity)
  }

  /// Reads the transport's parameters; a zero for the cap means that there is none.
  public init(from source: inout some ParameterSource, default preset: MigrationTransport) {
    self = preset
    let cap = source.quantity(
      "cap", .dataRate, default: preset.capBytesPerSecond ?? 0, in: 0...1e15,
      about: "Greatest rate of one migration while its guest runs; 0 B/s for no cap.")
    capBytesPerSecond = cap > 0 ? cap : nil
    hostThroughputBytesPerSecond = source.quantity(
      "hostThroughput", .dataRate, default: preset.hostThroughputBytesPerSecond, in: 1e3...1e15,
      about: "What one migration can copy at most, whatever the network gives.")
    goodput = source.fraction(
      "goodput", default: preset.goodput, in: 0.01...1,
      about: "Share of the link rate left for the payload after packet headers.")
    pageHeaderBytes = source.quantity(
      "pageHeader", .data, default: preset.pageHeaderBytes, in: 0...4096,
      about: "Header on the wire for each page of 4 KiB.")
    let skipsZero = source.flag(
      "skipZeroPages", default: preset.zeroPageBytes != nil,
      about: "Whether a page of zeros is sent as a mark instead of in full.")
    zeroPageBytes = skipsZero ? preset.zeroPageBytes ?? 9 : nil
    compressionFactor = source.fraction(
      "compressionFactor", default: preset.compressionFactor, in: 0.001...1,
      about: "Bytes on the wire for each byte of memory, 1 without compression.")
    deltaFactor = source.fraction(
      "deltaFactor", default: preset.deltaFactor,
      about: "The same for pages sent the third time or later; 1 without delta compression.")
    deltaCacheBytes = source.quantity(
      "deltaCache", .data, default: preset.deltaCacheBytes, in: 0...1e15,
      about: "Size of the delta cache; a larger working set gains nothing from it.")
    kernelTailShare = source.fraction(
      "kernelTail", default: preset.kernelTailShare,
      about: "Share of guest memory in use behind the run of free pages at its end.")
    deviceStateBytes = source.quantity(
      "deviceState", .data, default: preset.deviceStateBytes, in: 0...1e12,
      about: "Processor and device state, sent while the guest stands still.")
    bufferedBytes = source.quantity(
      "buffered", .data, default: preset.bufferedBytes, in: 0...1e12,
      about: "Bytes still under way when the sender reports the end.")
  }

  init(
    capBytesPerSecond: Double?, hostThroughputBytesPerSecond: Double, goodput: Double,
    pageHeaderBytes: Double, zeroPageBytes: Double?, compressionFactor: Double,
    deltaFactor: Double, deltaCacheBytes: Double, kernelTailShare: Double,
    deviceStateBytes: Double, bufferedBytes: Double
  ) {
    self.capBytesPerSecond = capBytesPerSecond
    self.hostThroughputBytesPerSecond = hostThroughputBytesPerSecond
    self.goodput = goodput
    self.pageHeaderBytes = pageHeaderBytes
    self.zeroPageBytes = zeroPageBytes
    self.compressionFactor = compressionFactor
    self.deltaFactor = deltaFactor
    self.deltaCacheBytes = deltaCacheBytes
    self.kernelTailShare = kernelTailShare
    self.deviceStateBytes = deviceStateBytes
    self.bufferedBytes = bufferedBytes
  }
}
