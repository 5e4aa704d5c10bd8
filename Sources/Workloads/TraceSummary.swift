// SPDX-License-Identifier: Apache-2.0
public import Units

/// How strongly load depends on the load some time before.
public struct LagCorrelation: Sendable, Equatable {
  /// The lag in samples.
  public var samples: Int
  /// Over all VMs together: the mean product of deviations from the one mean of the trace, `lag`
  /// apart in the same VM, by the variance of the trace. Contains that VMs differ in level.
  public var pooled: Double
  /// Inside a VM: r = Σ(x_t − m)(x_{t+lag} − m) / Σ(x_t − m)² about the VM's own mean m, averaged
  /// over the VMs that vary. Contains only what can be forecast from a VM's own past.
  public var insideVM: Double
}

/// CPU load of a trace in percent of each VM's size; all figures pooled over VMs and samples.
public struct LoadStatistics: Sendable, Equatable {
  /// Mean, percent.
  public var mean: Double
  /// Standard deviation (of the population), percent.
  public var standardDeviation: Double
  /// Median, percent.
  public var p50: Double
  /// 90th percentile, percent.
  public var p90: Double
  /// 95th percentile, percent.
  public var p95: Double
  /// 99th percentile, percent.
  public var p99: Double
  /// Share of samples above 80 percent.
  public var shareAbove80: Double
  /// Autocorrelation at one sample, one hour and one day (lags 1, 12 and 288 at five minutes),
  /// as far as the trace is longer than twice the lag.
  public var autocorrelations: [LagCorrelation]
  /// Bursts: rises of more than ``burstRise`` points from one sample to the next, per VM and day.
  public var burstsPerVMDay: Double

  /// What counts as a burst: a rise by more than this, in percent of the VM's size.
  public static let burstRise = 20.0
  /// A rise of exactly 20 points stays none although samples are stored as `Float` cores.
  private static let rounding = 1e-3

  /// The autocorrelation at a lag in samples; nil when it was not computed.
  public func autocorrelation(lag: Int) -> LagCorrelation? {
    autocorrelations.first { $0.samples == lag }
  }
}

/// What a trace holds, for people: see ``text``.
public struct TraceSummary: Sendable, Equatable {
  /// Number of VMs.
  public var vmCount: Int
  /// Samples per VM.
  public var sampleCount: Int
  /// Length of a sample.
  public var interval: SimTime
  /// Time that the samples cover.
  public var duration: SimTime
  /// Seconds since 1970 of the first sample, if the trace has a calendar.
  public var startEpochSeconds: Int64?
  /// Share of CPU samples that are missing (NaN).
  public var missingShare: Double
  /// What was repaired while reading.
  public var quality: TraceQuality
  /// Virtual CPUs of the smallest VM.
  public var smallestVirtualCPUs: Double
  /// Virtual CPUs of the largest VM.
  public var largestVirtualCPUs: Double
  /// Virtual CPUs of all VMs together.
  public var totalVirtualCPUs: Double
  /// Sum over the VMs, mean over time, in cores.
  public var meanTotalCores: Double
  /// Largest sum over the VMs, in cores.
  public var peakTotalCores: Double
  /// CPU load; nil when every sample is missing.
  public var cpu: LoadStatistics?
  /// Mean memory in use over VMs and samples; nil without memory.
  public var meanMemory: Bytes?
  /// Mean network traffic of a VM; nil without network.
  public var meanNetwork: BytesPerSecond?
  /// Mean disk traffic of a VM; nil without disk.
  public var meanDisk: BytesPerSecond?
  /// Application profiles and how many VMs have each, in bytewise order of their names.
  public var profiles: [VMCount]

  /// How many VMs have a profile.
  public struct VMCount: Sendable, Equatable {
    /// The profile.
    public var profile: String
    /// Its VMs.
    public var count: Int
  }

  /// Summarises a trace. Takes memory for one copy of the CPU samples.
  public init(_ trace: DemandTrace) {
    vmCount = trace.vms.count
    sampleCount = trace.sampleCount
    interval = trace.interval
    duration = trace.duration
    startEpochSeconds = trace.startEpochSeconds
    quality = trace.quality
    let sizes = trace.vms.map(\.virtualCPUs)
    smallestVirtualCPUs = sizes.min() ?? 0
    largestVirtualCPUs = sizes.max() ?? 0
    totalVirtualCPUs = sizes.reduce(0, +)
    let totals = (0..<trace.sampleCount).map { sample in
      trace.cpuCores.row(sample).reduce(0.0) { $0 + ($1.isFinite ? Double($1) : 0) }
    }
    meanTotalCores = totals.isEmpty ? 0 : totals.reduce(0, +) / Double(totals.count)
    peakTotalCores = totals.max() ?? 0
    let cells = trace.vms.count * trace.sampleCount
    let present = trace.cpuCores.finiteCount
    missingShare = cells == 0 ? 0 : Double(cells - present) / Double(cells)
    cpu = present == 0 ? nil : LoadStatistics(trace)
    meanMemory = trace.memoryBytes?.finiteMean.map { Bytes($0) }
    meanNetwork = trace.networkBytesPerSecond?.finiteMean.map { BytesPerSecond($0) }
    meanDisk = trace.diskBytesPerSecond?.finiteMean.map { BytesPerSecond($0) }
    let names = trace.vms.map(\.profile).sorted(by: isOrderedBytewise)
    profiles = []
    for name in names {
      if profiles.last?.profile != name { profiles.append(VMCount(profile: name, count: 0)) }
      profiles[profiles.count - 1].count += 1
    }
  }
}

extension LoadStatistics {
  /// Computes the statistics; nil when every sample is missing.
  init?(_ trace: DemandTrace) {
    var sorted: [Float] = []
    sorted.reserveCapacity(trace.sampleCount * trace.vms.count)
    let scales = trace.vms.map { 100 / max($0.virtualCPUs, 1e-9) }
    var sum = 0.0
    for sample in 0..<trace.sampleCount {
      for vm in scales.indices where trace.cpuCores[sample, vm].isFinite {
        let percent = Double(trace.cpuCores[sample, vm]) * scales[vm]
        sum += percent
        sorted.append(Float(percent))
      }
    }
    guard !sorted.isEmpty else { return nil }
    mean = sum / Double(sorted.count)
    let mean = self.mean
    let variance =
      sorted.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(sorted.count)
    standardDeviation = variance.squareRoot()
    sorted.sort()
    p50 = percentile(ofSorted: sorted, 50)
    p90 = percentile(ofSorted: sorted, 90)
    p95 = percentile(ofSorted: sorted, 95)
    p99 = percentile(ofSorted: sorted, 99)
    shareAbove80 = Double(sorted.count { $0 > 80 }) / Double(sorted.count)

    let hour = max(1, .hours(1) / trace.interval)
    let day = max(1, .days(1) / trace.interval)
    var lags = [LagAccumulator(1)]
    for lag in [hour, day] where lag > lags[lags.count - 1].lag && 2 * lag < trace.sampleCount {
      lags.append(LagAccumulator(lag))
    }
    var bursts = 0
    for vm in scales.indices {
      let load = trace.cpuCores.column(vm).map { Double($0) * scales[vm] }
      bursts += zip(load.dropFirst(), load).count { $0 - $1 > Self.burstRise + Self.rounding }
      for index in lags.indices { lags[index].add(load, mean: mean) }
    }
    autocorrelations = lags.compactMap { $0.result(variance: variance) }
    burstsPerVMDay =
      Double(bursts) / Double(scales.count) / (trace.duration.seconds / 86_400)
  }
}

/// Sums for the two autocorrelations at one lag. Pairs with a missing value are left out.
private struct LagAccumulator {
  let lag: Int
  private var pooledSum = 0.0
  private var pairs = 0
  private var insideSum = 0.0
  private var varyingVMs = 0

  /// A VM whose load varies less than this (percent², summed) counts as constant: rounding.
  private static let leastVariation = 1e-9

  init(_ lag: Int) { self.lag = lag }

  mutating func add(_ load: [Double], mean: Double) {
    let present = load.filter(\.isFinite)
    guard load.count > lag, !present.isEmpty else { return }
    let own = present.reduce(0, +) / Double(present.count)
    let variation = present.reduce(0) { $0 + ($1 - own) * ($1 - own) }
    var inside = 0.0
    for index in 0..<load.count - lag where load[index].isFinite && load[index + lag].isFinite {
      pooledSum += (load[index] - mean) * (load[index + lag] - mean)
      inside += (load[index] - own) * (load[index + lag] - own)
      pairs += 1
    }
    if variation > Self.leastVariation {
      insideSum += inside / variation
      varyingVMs += 1
    }
  }

  func result(variance: Double) -> LagCorrelation? {
    guard pairs > 0, varyingVMs > 0, variance > 0 else { return nil }
    return LagCorrelation(
      samples: lag, pooled: pooledSum / Double(pairs) / variance,
      insideVM: insideSum / Double(varyingVMs))
  }
}

extension SampleMatrix {
  /// How many values are not missing.
  var finiteCount: Int { values.count(where: \.isFinite) }

  /// Mean of the values that are not missing; nil when all are.
  var finiteMean: Double? {
    let count = finiteCount
    guard count > 0 else { return nil }
    return values.reduce(0.0) { $0 + ($1.isFinite ? Double($1) : 0) } / Double(count)
  }
}
