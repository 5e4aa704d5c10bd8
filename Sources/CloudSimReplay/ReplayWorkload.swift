// SPDX-License-Identifier: Apache-2.0
public import Workloads

/// What the VMs of a replay ask for.
public enum ReplayWorkload: Sendable {
  /// A day of a trace, linear between its samples.
  case trace(ReplayTrace)
  /// A new uniform value at each instant; VM i draws from `java.util.Random(seed · i)`.
  case syntheticDemand(seed: Int64)
}

/// One day of five-minute CPU percentages.
public struct ReplayTrace: Sendable {
  /// Samples of a day.
  public static let samplesPerDay = 288
  /// Number of VMs.
  public let vmCount: Int
  /// Fractions `[sample, vm]`, row-major; the last of the day's samples is there twice.
  let fractions: ContiguousArray<Double>

  /// A day of CPU percentages of VMs of one virtual CPU.
  ///
  /// - Parameters:
  ///   - trace: Percentages in the place of cores (as read with 100 virtual CPUs a VM).
  ///   - name: What messages call it.
  /// - Throws: ``ReplayError`` when there is less than a day.
  public init(percentages trace: DemandTrace, name: String) throws(ReplayError) {
    let samples = trace.sampleCount
    guard samples >= Self.samplesPerDay else {
      throw ReplayError.shortTrace(file: name, samples: samples)
    }
    vmCount = trace.vms.count
    var fractions: ContiguousArray<Double> = []
    fractions.reserveCapacity((Self.samplesPerDay + 1) * vmCount)
    for sample in 0...Self.samplesPerDay {
      for percent in trace.cpuCores.row(min(sample, Self.samplesPerDay - 1)) {
        fractions.append(Double(percent) / 100)
      }
    }
    self.fractions = fractions
  }

  /// Reads a day in the PlanetLab form: a folder with a file a VM, or one CSV `name,v0,…,v287`.
  ///
  /// VMs are in the bytewise order of their names; CloudSim takes whatever order the operating
  /// system lists a folder in, and its figures depend on it.
  ///
  /// - Throws: `TraceError`, or ``ReplayError`` when there is less than a day.
  public static func read(_ path: String) throws -> ReplayTrace {
    var options = TraceReadingOptions()
    // A percentage of 100 CPUs is the number itself: read without rounding.
    options.virtualCPUs = 100
    let trace = try DemandTrace.read([.path(path)], format: "planetlab", options: options)
    return try ReplayTrace(percentages: trace, name: path)
  }
}

/// The generator of `java.util.Random`: a linear congruential one of 48 bits.
///
/// Source: the class's public specification (Java SE API, `java.util.Random.next`).
public struct JavaRandom: Sendable, Hashable {
  private var state: UInt64
  private static let mask: UInt64 = (1 << 48) - 1

  /// A generator as `new Random(seed)` makes it.
  public init(seed: Int64) {
    state = (UInt64(bitPattern: seed) ^ 0x5_DEEC_E66D) & Self.mask
  }

  private mutating func next(bits: UInt64) -> UInt64 {
    state = (state &* 0x5_DEEC_E66D &+ 0xB) & Self.mask
    return state >> (48 - bits)
  }

  /// A number in [0, 1), as `nextDouble()` gives it.
  public mutating func nextDouble() -> Double {
    let high = next(bits: 26)
    let low = next(bits: 27)
    return Double(high << 27 + low) * 0x1p-53
  }
}
