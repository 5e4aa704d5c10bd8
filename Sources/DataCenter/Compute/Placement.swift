// SPDX-License-Identifier: Apache-2.0
import Units

/// How an instance finds its host.
public enum PlacementAlgorithm: String, Sendable, CaseIterable {
  /// The first host, in inventory order, that has room.
  case firstFit = "first-fit"
  /// Largest VMs first, each to the host with the least CPU left over (Beloglazov & Buyya 2012).
  case bestFitDecreasing = "best-fit-decreasing"
  /// The host with the most unpromised CPU: spreads load.
  case worstFit = "worst-fit"

  /// One sentence for lists.
  public var about: String {
    switch self {
    case .firstFit: "The first host, in inventory order, that has room."
    case .bestFitDecreasing: "Largest VMs first, each where the least CPU is left over."
    case .worstFit: "The host with the most unpromised CPU: spreads load."
    }
  }
}

/// What an instance needs of a host.
struct PlacementRequest {
  var cores: Double
  var memoryBytes: Double
  /// Hosts that may not be used.
  var avoiding: [Int]
}

/// Finds hosts for instances; knows nothing of what runs on them but what is reserved.
struct Placement: Sendable {
  var algorithm: PlacementAlgorithm
  /// CPU may be promised this many times over.
  var cpuOvercommit: Double

  /// The host for one instance now, or nil when none has room.
  func host(for request: PlacementRequest, in hosts: Hosts) -> Int? {
    var best: Int?
    var bestFree = 0.0
    for host in 0..<hosts.count {
      guard hosts.isAvailable(host), !request.avoiding.contains(host),
        hosts.fits(
          host, cores: request.cores, memory: request.memoryBytes, overcommit: cpuOvercommit)
      else { continue }
      let free = hosts.capacityCores[host] * cpuOvercommit - hosts.reservedCores[host]
      switch algorithm {
      case .firstFit: return host
      case .bestFitDecreasing: if best == nil || free < bestFree { (best, bestFree) = (host, free) }
      case .worstFit: if best == nil || free > bestFree { (best, bestFree) = (host, free) }
      }
    }
    return best
  }

  /// The order in which VMs are placed at the start.
  func initialOrder(cores: ContiguousArray<Double>, count: Int) -> [Int] {
    let order = Array(0..<count)
    guard algorithm == .bestFitDecreasing else { return order }
    return order.sorted { (-cores[$0], $0) < (-cores[$1], $1) }
  }
}
