// SPDX-License-Identifier: Apache-2.0
public import Units

/// A dense table `[sample, vm]`, row-major: all VMs of one sample are neighbours in memory,
/// because the plant consumes one sample of every VM at a time.
///
/// A missing value is NaN. Stored as `Float`: traces carry at most seven significant digits.
public struct SampleMatrix: Sendable, Equatable {
  /// Rows (points in time) in the table.
  public let sampleCount: Int
  /// Columns (VMs) in the table.
  public let vmCount: Int
  /// `sampleCount × vmCount` values, row-major.
  public private(set) var values: [Float]

  /// A table filled with `value`.
  public init(sampleCount: Int, vmCount: Int, filledWith value: Float = .nan) {
    self.sampleCount = sampleCount
    self.vmCount = vmCount
    values = [Float](repeating: value, count: sampleCount * vmCount)
  }

  /// One value.
  public subscript(sample: Int, vm: Int) -> Float {
    @inline(__always) get { values[sample * vmCount + vm] }
    set { values[sample * vmCount + vm] = newValue }
  }

  /// All VMs of one sample, in VM order.
  public func row(_ sample: Int) -> ArraySlice<Float> {
    values[sample * vmCount..<(sample + 1) * vmCount]
  }

  /// One VM over time.
  public func column(_ vm: Int) -> [Float] {
    (0..<sampleCount).map { values[$0 * vmCount + vm] }
  }

  /// Replaces one VM's values over time.
  ///
  /// - Precondition: `column` has ``sampleCount`` values.
  public mutating func setColumn(_ vm: Int, _ column: [Float]) {
    precondition(column.count == sampleCount)
    for sample in 0..<sampleCount { values[sample * vmCount + vm] = column[sample] }
  }

  /// A part of the rows, for all VMs.
  ///
  /// - Precondition: the range lies within the rows.
  public func rows(_ range: Range<Int>) -> SampleMatrix {
    SampleMatrix(
      sampleCount: range.count, vmCount: vmCount,
      values: Array(values[range.lowerBound * vmCount..<range.upperBound * vmCount]))
  }

  private init(sampleCount: Int, vmCount: Int, values: [Float]) {
    self.sampleCount = sampleCount
    self.vmCount = vmCount
    self.values = values
  }
}

/// What a trace knows of one VM apart from its load.
public struct VMDescription: Sendable, Equatable {
  /// The VM's name; unique in its trace, and the key by which VMs are sorted.
  public var name: String
  /// Application profile or category as the trace or generator names it (`"unknown"` if it doesn't).
  public var profile: String
  /// Virtual CPUs that 100 % CPU refers to.
  public var virtualCPUs: Double
  /// Memory of the VM; nil when the trace does not say.
  public var memory: Bytes?

  /// A description; `profile` defaults to `"unknown"`.
  public init(
    name: String, profile: String = "unknown", virtualCPUs: Double, memory: Bytes? = nil
  ) {
    self.name = name
    self.profile = profile
    self.virtualCPUs = virtualCPUs
    self.memory = memory
  }
}

/// Load of a set of VMs over time: what every workload reader and generator produces.
///
/// Sample `k` holds the mean over `[k·interval, (k+1)·interval)` from the trace's start and, unless
/// the scenario asks for interpolation, holds through it. VMs are sorted bytewise by name, so the
/// order in which files were found never reaches a result.
public struct DemandTrace: Sendable {
  /// Length of one sample.
  public var interval: SimTime
  /// Calendar time of sample 0 in seconds since 1970-01-01T00:00:00Z; nil if the trace has none.
  public var startEpochSeconds: Int64?
  /// The VMs, sorted by name (bytewise).
  public var vms: [VMDescription]
  /// CPU load in cores, `[sample, vm]`. May exceed the VM's size: it is demand, not use.
  public var cpuCores: SampleMatrix
  /// Memory in use in bytes, `[sample, vm]`; nil when the trace has none.
  public var memoryBytes: SampleMatrix?
  /// Network traffic, received and sent, in bytes/s, `[sample, vm]`; nil when the trace has none.
  public var networkBytesPerSecond: SampleMatrix?
  /// Disk traffic, read and written, in bytes/s, `[sample, vm]`; nil when the trace has none.
  public var diskBytesPerSecond: SampleMatrix?
  /// What had to be repaired while the trace was read.
  public var quality = TraceQuality()

  /// Puts the parts together.
  ///
  /// - Precondition: every matrix has one column a VM and the same number of samples.
  public init(
    interval: SimTime, startEpochSeconds: Int64? = nil, vms: [VMDescription],
    cpuCores: SampleMatrix, memoryBytes: SampleMatrix? = nil,
    networkBytesPerSecond: SampleMatrix? = nil, diskBytesPerSecond: SampleMatrix? = nil
  ) {
    for matrix in [cpuCores, memoryBytes, networkBytesPerSecond, diskBytesPerSecond] {
      guard let matrix else { continue }
      precondition(matrix.vmCount == vms.count && matrix.sampleCount == cpuCores.sampleCount)
    }
    self.interval = interval
    self.startEpochSeconds = startEpochSeconds
    self.vms = vms
    self.cpuCores = cpuCores
    self.memoryBytes = memoryBytes
    self.networkBytesPerSecond = networkBytesPerSecond
    self.diskBytesPerSecond = diskBytesPerSecond
  }

  /// Number of samples.
  public var sampleCount: Int { cpuCores.sampleCount }
  /// The time that the samples cover.
  public var duration: SimTime { interval * sampleCount }

  /// The samples before `sample` and those from it on, as two traces of the same VMs; the second
  /// one starts that much later. ``quality`` stays with the whole and is empty in the parts.
  ///
  /// - Precondition: `0 ≤ sample ≤ sampleCount`.
  public func split(atSample sample: Int) -> (history: DemandTrace, rest: DemandTrace) {
    precondition((0...sampleCount).contains(sample), "split at \(sample) of \(sampleCount)")
    return (part(0..<sample), part(sample..<sampleCount))
  }

  private func part(_ range: Range<Int>) -> DemandTrace {
    let offset = (interval * range.lowerBound).nanoseconds / 1_000_000_000
    return DemandTrace(
      interval: interval, startEpochSeconds: startEpochSeconds.map { $0 + offset }, vms: vms,
      cpuCores: cpuCores.rows(range), memoryBytes: memoryBytes?.rows(range),
      networkBytesPerSecond: networkBytesPerSecond?.rows(range),
      diskBytesPerSecond: diskBytesPerSecond?.rows(range))
  }

  /// Cuts CPU load to each VM's virtual CPUs; returns how many samples were above.
  mutating func clipCPUToSize() -> Int {
    var count = 0
    let sizes = vms.map { Float($0.virtualCPUs) }
    for sample in 0..<sampleCount {
      for vm in sizes.indices where cpuCores[sample, vm] > sizes[vm] {
        cpuCores[sample, vm] = sizes[vm]
        count += 1
      }
    }
    return count
  }
}
