// SPDX-License-Identifier: Apache-2.0
import Units

/// How a kind of guest uses its memory, from which its migration follows at any load.
///
/// `D = idle + perCore × load`: a guest that serves more requests rewrites more pages. The defaults
/// are assumptions of a middling web server, to be replaced by measurements of one's own guests
/// (QEMU's `calc-dirty-rate`): a fifth of the memory is rewritten, at 5 MB/s and 20 MB/s a core,
/// a tenth of these writes to a hot set of 2 %.
public struct MemoryActivity: Sendable, Equatable {
  /// Share of the memory that is not zeros.
  public var nonzeroShare: Double
  /// Share of the memory that is rewritten now and then.
  public var workingSetShare: Double
  /// Share of the memory that is rewritten all the time, besides the working set.
  public var hotSetShare: Double
  /// Dirty rate without load, bytes per second.
  public var idleDirtyRate: Double
  /// Further dirty rate for each core of load, bytes per second.
  public var dirtyRatePerCore: Double
  /// Share of all writes that goes to the hot set.
  public var hotWriteShare: Double
  /// Order of the writes.
  public var access: AccessPattern

  /// Reads the parameters of a kind of guest.
  public init(from source: inout some ParameterSource) {
    nonzeroShare = source.fraction(
      "nonzeroShare", default: 1, about: "Share of a guest's memory that is not zeros.")
    workingSetShare = source.fraction(
      "workingSet", default: 0.2, about: "Share of the memory that is rewritten now and then.")
    hotSetShare = source.fraction(
      "hotSet", default: 0.02, about: "Share of the memory that is rewritten all the time.")
    idleDirtyRate = source.quantity(
      "idleDirtyRate", .dataRate, default: 5e6, in: 0...1e12,
      about: "Rate at which an idle guest dirties memory.")
    dirtyRatePerCore = source.quantity(
      "dirtyRatePerCore", .dataRate, default: 2e7, in: 0...1e12,
      about: "Further dirty rate for each core of load.")
    hotWriteShare = source.fraction(
      "hotWrites", default: 0.1, about: "Share of all writes that goes to the hot set.")
    access = source.named("access", default: .random, about: "Order of the writes.")
  }

  /// The defaults of every key.
  public init() {
    var source = DefaultParameters()
    self.init(from: &source)
  }

  /// Dirty rates of both populations at that load; what ``LiveMigration`` is told when it changes.
  public func dirtyRates(load: Cores) -> (cold: BytesPerSecond, hot: BytesPerSecond) {
    let rate = idleDirtyRate + dirtyRatePerCore * max(0, load.value)
    return (BytesPerSecond(rate * (1 - hotWriteShare)), BytesPerSecond(rate * hotWriteShare))
  }

  /// A guest with that memory at that load.
  public func memory(ram: Bytes, load: Cores) -> MigratingMemory {
    let rates = dirtyRates(load: load)
    return MigratingMemory(
      ram: ram, nonzero: ram * nonzeroShare,
      cold: WorkingSet(size: ram * workingSetShare, dirtyRate: rates.cold, access: access),
      hot: WorkingSet(size: ram * hotSetShare, dirtyRate: rates.hot, access: access))
  }
}
