// SPDX-License-Identifier: Apache-2.0
import SimulationKernel
public import Units
import Workloads

/// How load moves inside a trace sample, which is a mean over its interval.
public enum DemandInterpolation: Sendable, Hashable {
  /// The mean holds through the interval (the default).
  case hold
  /// Load runs straight between interval centres, in steps of this length; means are kept only
  /// approximately where the slope changes.
  case linear(step: SimTime)
  /// Load jumps between a high and a low level inside the interval, in steps of this length; the
  /// mean of each interval is kept. `ratio` is high/mean, `share` the expected part of time at
  /// the high level (`ratio · share ≤ 1`).
  case burst(step: SimTime, ratio: Double, share: Double)
}

/// Turns a trace into a sequence of demand steps that hold until the next.
struct DemandCursor: Sendable {
  let trace: DemandTrace
  let interpolation: DemandInterpolation
  let seed: UInt64
  /// Length of one step.
  let step: SimTime
  private let stepsPerSample: Int

  init(trace: DemandTrace, interpolation: DemandInterpolation, seed: UInt64) {
    self.trace = trace
    self.interpolation = interpolation
    self.seed = seed
    switch interpolation {
    case .hold: stepsPerSample = 1
    case .linear(let step), .burst(let step, _, _):
      stepsPerSample = max(1, trace.interval / step)
    }
    step = SimTime(nanoseconds: trace.interval.nanoseconds / Int64(stepsPerSample))
  }

  var stepCount: Int { trace.sampleCount * stepsPerSample }

  /// Start of step `n`.
  func start(ofStep n: Int) -> SimTime {
    trace.interval * (n / stepsPerSample) + step * (n % stepsPerSample)
  }

  /// Load of every VM in step `n`, in cores. A missing value repeats what was there.
  func load(step n: Int, into cores: inout ContiguousArray<Double>) {
    let sample = n / stepsPerSample
    let inner = n % stepsPerSample
    for vm in 0..<trace.vms.count {
      let mean = Double(trace.cpuCores[sample, vm])
      guard mean.isFinite else { continue }
      switch interpolation {
      case .hold: cores[vm] = mean
      case .linear: cores[vm] = linear(sample: sample, inner: inner, vm: vm, mean: mean)
      case .burst(_, let ratio, let share):
        let isHigh = isBurst(sample: sample, inner: inner, vm: vm, share: share)
        let highSteps = (0..<stepsPerSample).count {
          isBurst(sample: sample, inner: $0, vm: vm, share: share)
        }
        cores[vm] = burst(mean: mean, ratio: ratio, isHigh: isHigh, highSteps: highSteps)
      }
    }
  }

  private func linear(sample: Int, inner: Int, vm: Int, mean: Double) -> Double {
    let position = (Double(inner) + 0.5) / Double(stepsPerSample) - 0.5
    let other = position < 0 ? sample - 1 : sample + 1
    guard other >= 0, other < trace.sampleCount else { return mean }
    let neighbour = Double(trace.cpuCores[other, vm])
    guard neighbour.isFinite else { return mean }
    return max(0, mean + (neighbour - mean) * abs(position))
  }

  private func isBurst(sample: Int, inner: Int, vm: Int, share: Double) -> Bool {
    let entity = UInt64(vm) << 32 | UInt64(sample * stepsPerSample + inner)
    var stream = RandomStream(seed: seed, purpose: "demand/burst", entity: entity)
    return stream.uniform() < share
  }

  /// High steps carry `ratio × mean`, the others what is left, so that the interval's mean holds.
  private func burst(mean: Double, ratio: Double, isHigh: Bool, highSteps: Int) -> Double {
    guard highSteps > 0, highSteps < stepsPerSample else { return mean }
    let high = min(ratio, Double(stepsPerSample) / Double(highSteps))
    if isHigh { return mean * high }
    let low =
      (Double(stepsPerSample) - high * Double(highSteps)) / Double(stepsPerSample - highSteps)
    return mean * max(0, low)
  }
}
