// SPDX-License-Identifier: Apache-2.0
import Facility
import Workloads
public import ControlPlane
import SimulationKernel
public import Units

/// How the plant is measured.
public struct TelemetrySpec: Sendable, Hashable {
  /// Time between two measurements.
  public var interval: SimTime
  /// From the measurement to its arrival at the control plane.
  public var delay: SimTime
  /// Probability that one VM's values are missing from one frame.
  public var lossProbability: Double
  /// Standard deviation of the measured load relative to the true one.
  public var relativeNoise: Double

  /// Reads the section; defaults are 15 s, 1 s, no loss, no noise.
  public init(from source: inout some ParameterSource) {
    interval = source.time(
      "interval", default: .seconds(15), in: .seconds(1) ... .hours(1),
      about: "Time between two measurements of the agents.")
    delay = source.time(
      "delay", default: .seconds(1), in: .zero ... .hours(1),
      about: "Time from a measurement to its arrival at the control plane.")
    lossProbability = source.fraction(
      "loss", default: 0, about: "Probability that one VM's values are missing from a frame.")
    relativeNoise = source.fraction(
      "noise", default: 0,
      about: "Standard deviation of the measured load, relative to the true load.")
  }
}

/// Frames on their way, and what is known of when to measure next.
struct TelemetryState: Sendable, Codable {
  /// Frames measured but not yet arrived, oldest first.
  var inFlight: [TelemetryFrame] = []
  /// Whether a measurement is already scheduled.
  var isTickScheduled = false
  /// Offset of the measurement grid from time zero.
  var phase: SimTime
  /// Time stamp of the newest frame that the policy has seen.
  var newestTakenAt: SimTime = .zero
  var frameCount: UInt64 = 0
  /// When the last frame sent arrives.
  var lastArrival: SimTime = .zero
  /// The policy's timer, if it has set one.
  var timer: EventHandle?
}

// Agents report on change: an interval in which nothing changed sends nothing, so a trace of
// five-minute samples does not pay for 15 s telemetry. Every demand step counts as a change.
extension Plant {
  mutating func requestTelemetry(_ scheduler: inout Scheduler<PlantEvent>) {
    guard !telemetry.isTickScheduled else { return }
    let interval = inventory.telemetryInterval
    let sinceGrid = scheduler.now - telemetry.phase
    let next =
      sinceGrid < .zero ? telemetry.phase : telemetry.phase + sinceGrid.roundedUp(to: interval)
    guard next <= end else { return }
    telemetry.isTickScheduled = true
    schedule(.telemetryTick, at: next, &scheduler)
  }

  mutating func measure(_ scheduler: inout Scheduler<PlantEvent>) {
    telemetry.isTickScheduled = false
    telemetry.frameCount += 1
    var frame = TelemetryFrame(
      takenAt: scheduler.now, vms: vms.count, hosts: hosts.count, racks: inventory.racks.count)
    let sample = min(scheduler.now / demand.trace.interval, demand.trace.sampleCount - 1)
    for vm in 0..<vms.count {
      frame.offeredCores[vm] = vms.offeredCores[vm]
      let host = Int(instances.host[vm])
      frame.hostOfVM[vm] = host
      if host < 0 || hosts.isReachable(host) { frame.usedCores[vm] = vms.servedRate[vm] }
    }
    fill(&frame.memoryBytes, from: demand.trace.memoryBytes?.row(sample))
    fill(&frame.networkBytesPerSecond, from: demand.trace.networkBytesPerSecond?.row(sample))
    fill(&frame.diskBytesPerSecond, from: demand.trace.diskBytesPerSecond?.row(sample))
    for host in 0..<hosts.count {
      if hosts.isReachable(host) { frame.hostUsedCores[host] = hosts.grantedCores[host] }
      let isAvailable = hosts.isAvailable(host)
      frame.hostIsAvailable[host] = isAvailable
      frame.hostFreeMemoryBytes[host] =
        isAvailable ? max(0, hosts.memoryBytes[host] - hosts.reservedMemoryBytes[host]) : 0
    }
    frame.shadows = shadowReports().filter { hosts.isReachable($0.host.index) }
    facility.advance(to: scheduler.now)
    frame.rackPowerWatts = facility.rackPowerWatts
    frame.rackInletCelsius = facility.rackInletCelsius
    if spec.telemetry.lossProbability > 0 || spec.telemetry.relativeNoise > 0 {
      disturb(&frame)
    }
    send(frame, &scheduler)
    // With noise every measurement differs from the last, so there is no quiet interval.
    if spec.telemetry.relativeNoise > 0 {
      telemetry.isTickScheduled = true
      schedule(.telemetryTick, at: scheduler.now + inventory.telemetryInterval, &scheduler)
    }
  }

  /// Sends a frame on its way; one stream carries all of them, so none overtakes another.
  private mutating func send(_ frame: TelemetryFrame, _ scheduler: inout Scheduler<PlantEvent>) {
    guard faults.openGaps == 0 else { return }
    let delay = spec.telemetry.delay + (faults.delays.max() ?? .zero)
    let arrival = max(scheduler.now + delay, telemetry.lastArrival)
    telemetry.lastArrival = arrival
    telemetry.inFlight.append(frame)
    schedule(.telemetryArrival, at: arrival, &scheduler)
  }

  /// All shadows that hold something on a host, by id.
  public func shadowReports() -> [TelemetryFrame.Shadow] {
    (instances.primaryCount..<max(instances.primaryCount, instances.slotCount)).filter {
      shadows.state[$0] != .terminated && instances.host[$0] >= 0
    }.map { slot in
      TelemetryFrame.Shadow(
        id: shadowID(slot), vm: VMID(Int(instances.vm[slot])),
        host: HostID(Int(instances.host[slot])), state: shadows.state[slot])
    }.sorted { $0.id < $1.id }
  }

  private func fill(_ values: inout [Double], from row: ArraySlice<Float>?) {
    guard let row else { return }
    for (index, value) in row.enumerated() { values[index] = Double(value) }
  }

  private func disturb(_ frame: inout TelemetryFrame) {
    for vm in 0..<vms.count {
      var stream = RandomStream(
        seed: spec.seed, purpose: "telemetry",
        entity: UInt64(vm) << 32 | (telemetry.frameCount & 0xffff_ffff))
      if stream.uniform() < spec.telemetry.lossProbability {
        frame.offeredCores[vm] = .nan
        frame.usedCores[vm] = .nan
        frame.memoryBytes[vm] = .nan
        frame.networkBytesPerSecond[vm] = .nan
        frame.diskBytesPerSecond[vm] = .nan
      } else if spec.telemetry.relativeNoise > 0 {
        let factor = stream.normal(mean: 1, standardDeviation: spec.telemetry.relativeNoise)
        frame.offeredCores[vm] *= max(0, factor)
      }
    }
  }

  mutating func deliverTelemetry(_ scheduler: inout Scheduler<PlantEvent>) {
    var frame = telemetry.inFlight.removeFirst()
    telemetry.newestTakenAt = frame.takenAt
    frame.arrivedAt = scheduler.now
    frame.takenAt += faults.skews.reduce(.zero, +)
    if faults.management.causes > 0 {
      faults.management.waiting.append(.frame(frame))
    } else {
      policy.observe(frame)
    }
  }
}
