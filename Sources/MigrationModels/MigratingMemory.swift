// SPDX-License-Identifier: Apache-2.0
import Foundation
import Units

/// The order in which a guest rewrites its working set.
public enum AccessPattern: String, Sendable, Codable, CaseIterable {
  /// Cyclic sweeps: no page is written twice before all have been written once.
  case sequential
  /// Uniformly random pages: rewrites of already dirty pages become frequent.
  case random
}

/// Pages that the guest keeps rewriting.
public struct WorkingSet: Sendable, Equatable, Codable {
  /// Its size in bytes.
  public var sizeBytes: Double
  /// How fast the guest writes to it, in bytes per second of pages touched.
  public var dirtyRateBytesPerSecond: Double
  /// In which order.
  public var access: AccessPattern

  /// A working set. Negative sizes and rates count as zero.
  public init(
    size: Bytes, dirtyRate: BytesPerSecond, access: AccessPattern = .sequential
  ) {
    sizeBytes = max(0, size.value)
    dirtyRateBytesPerSecond = max(0, dirtyRate.value)
    self.access = access
  }

  /// Nothing is ever rewritten.
  public static var none: WorkingSet { WorkingSet(size: .zero, dirtyRate: .zero) }

  /// Bytes of *distinct* pages hit when `written` bytes of writes fall on `clean` clean bytes.
  ///
  /// Sequential: `min(written, clean)`. Random: `clean × (1 − e^(−written / size))`, the expected
  /// coverage of uniform draws. Never more than `clean`.
  public func newlyDirty(written: Double, clean: Double) -> Double {
    switch access {
    case .sequential: min(written, clean)
    case .random: sizeBytes > 0 ? clean * -expm1(-written / sizeBytes) : 0
    }
  }
}

/// The memory of a virtual machine as its migration sees it.
///
/// Two populations of rewritten pages (Clark et al., NSDI 2005, call the hot one the writable
/// working set) sit in memory that is otherwise static: one dirty rate alone is optimistic in late
/// rounds, because a small hot set is dirty again at the end of every round.
public struct MigratingMemory: Sendable, Equatable, Codable {
  /// All guest memory, in bytes.
  public var ramBytes: Double
  /// The part of it that is not filled with zeros, in bytes; at most `ramBytes`.
  public var nonzeroBytes: Double
  /// The large, slowly rewritten population.
  public var cold: WorkingSet
  /// The small, quickly rewritten population.
  public var hot: WorkingSet

  /// A guest. The working sets are cut so that both fit into the non-zero memory.
  public init(
    ram: Bytes, nonzero: Bytes? = nil, cold: WorkingSet = .none, hot: WorkingSet = .none
  ) {
    ramBytes = max(0, ram.value)
    nonzeroBytes = min(max(0, nonzero?.value ?? ram.value), ramBytes)
    self.hot = hot
    self.cold = cold
    self.hot.sizeBytes = min(hot.sizeBytes, nonzeroBytes)
    self.cold.sizeBytes = min(cold.sizeBytes, nonzeroBytes - self.hot.sizeBytes)
  }

  /// The part that nobody rewrites: sent once.
  public var staticBytes: Double { nonzeroBytes - cold.sizeBytes - hot.sizeBytes }
  /// The part that is all zeros.
  public var zeroBytes: Double { ramBytes - nonzeroBytes }
  /// Both dirty rates together, in bytes per second.
  public var dirtyRateBytesPerSecond: Double {
    cold.dirtyRateBytesPerSecond + hot.dirtyRateBytesPerSecond
  }
}
