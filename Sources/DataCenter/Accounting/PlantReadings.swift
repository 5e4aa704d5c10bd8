// SPDX-License-Identifier: Apache-2.0
import Facility
import ControlPlane
public import Units

/// What an observer can read off the plant at one instant, without touching its books.
///
/// Cumulative values are exact up to the instant; the difference of two readings divided by the
/// time between them is the mean over that time.
public struct PlantReadings: Sendable, Codable {
  /// When.
  public var time: SimTime
  /// Work each host has done, in core-seconds.
  public var hostCoreSeconds: [Double]
  /// Energy each host has used, in joules.
  public var hostEnergyJoules: [Double]
  /// State of each host: its position in `ServerPowerState.allCases`, or one more when it failed.
  public var hostState: [Int]
  /// Energy each rack has used, hosts and switch, in joules.
  public var rackEnergyJoules: [Double]
  /// Inlet temperature of each rack in °C.
  public var rackInletCelsius: [Double]
  /// Time so far in which each rack's inlet was above the recommended temperature, in seconds.
  public var rackAboveRecommendedSeconds: [Double]
  /// The same for the allowable temperature.
  public var rackAboveAllowableSeconds: [Double]
  /// Load offered to each VM so far, in core-seconds.
  public var vmOfferedCoreSeconds: [Double]
  /// Load served so far, in core-seconds.
  public var vmServedCoreSeconds: [Double]
  /// Time degraded so far, in seconds.
  public var vmDegradedSeconds: [Double]
  /// Load that all instances able to take traffic can serve, in cores.
  public var vmCapacityCores: [Double]
  /// Share of the load on shadows, 0…1.
  public var vmShadowShare: [Double]
}

extension Plant {
  /// Reads the plant at `now`.
  public func readings(at now: SimTime) -> PlantReadings {
    let vmIndices = 0..<vms.count
    func projected(_ value: Double, _ rate: Double, _ since: SimTime) -> Double {
      value + rate * (now - since).seconds
    }
    // Read off a copy: reading must not move the facility.
    var facility = facility
    facility.advance(to: now)
    let books = facility.accounting
    return PlantReadings(
      time: now,
      hostCoreSeconds: (0..<hosts.count).map {
        projected(hosts.coreSeconds[$0], hosts.grantedCores[$0], hosts.settledAt[$0])
      },
      hostEnergyJoules: (0..<hosts.count).map { hosts.energyJoules($0, at: now) },
      hostState: (0..<hosts.count).map {
        hosts.isFailed($0) ? HostStateNames.all.count - 1 : HostStateNames.position(hosts.state[$0])
      },
      rackEnergyJoules: books.rackEnergies.map(\.value),
      rackInletCelsius: facility.rackInletCelsius,
      rackAboveRecommendedSeconds: books.inletAboveRecommendedSeconds,
      rackAboveAllowableSeconds: books.inletAboveAllowableSeconds,
      vmOfferedCoreSeconds: vmIndices.map {
        projected(vms.offeredCoreSeconds[$0], vms.offeredCores[$0], vms.settledAt[$0])
      },
      vmServedCoreSeconds: vmIndices.map {
        projected(vms.servedCoreSeconds[$0], vms.servedRate[$0], vms.settledAt[$0])
      },
      vmDegradedSeconds: vmIndices.map {
        projected(vms.degradedSeconds[$0], vms.isDegraded[$0] ? 1 : 0, vms.settledAt[$0])
      },
      vmCapacityCores: vmIndices.map { readyCapacity(of: $0) },
      vmShadowShare: vmIndices.map {
        vms.isDown[$0] ? 0 : max(0, 1 - instances.share[$0] - vms.lostShare[$0])
      })
  }

  private func readyCapacity(of vm: Int) -> Double {
    var sum = vms.isDown[vm] ? 0 : instances.sizeCores[vm]
    var slot = Int(instances.nextShadow[vm])
    while slot >= 0 {
      switch shadows.state[slot] {
      case .ready, .active, .draining: sum += instances.sizeCores[slot]
      default: break
      }
      slot = Int(instances.nextShadow[slot])
    }
    return sum
  }
}
