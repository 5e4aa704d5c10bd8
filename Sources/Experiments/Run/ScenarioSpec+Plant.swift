// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Facility
import Units

extension ScenarioSpec {
  /// What the plant needs of the scenario, for a run under `seed`.
  func plant(seed: UInt64, in world: World) -> PlantSpec {
    var plant = PlantSpec(seed: seed)
    plant.dataCenter = world.dataCenter
    plant.shadow = shadow
    plant.migration = migration
    plant.network = network
    plant.traffic = traffic
    plant.responseTime = responseTime
    plant.facility = facility
    plant.facilityInputs = world.facilityInputs
    plant.faults = faults
    plant.traceFaults = world.traceFaults
    plant.telemetry = telemetry
    plant.decisionPeriod = decisionPeriod
    plant.interpolation = workload.interpolation
    return plant
  }

  /// The maintenance calendar with hosts by number.
  ///
  /// - Throws: ``WorkloadError`` when a window names a rack or host that is not there.
  func maintenanceWindows() throws(WorkloadError) -> [Inventory.MaintenanceWindow] {
    let racks = hostNamesByRack()
    let names = racks.flatMap { $0 }
    var first = 0
    let starts = racks.map { rack in
      defer { first += rack.count }
      return first
    }
    var windows: [Inventory.MaintenanceWindow] = []
    for window in maintenance {
      let hosts: [HostID]
      switch window.target {
      case .rack(let number):
        guard racks.indices.contains(number - 1) else {
          throw WorkloadError(
            description: "maintenance names rack \(number); there are \(racks.count) racks")
        }
        hosts = (0..<racks[number - 1].count).map { HostID(starts[number - 1] + $0) }
      case .hosts(let wanted):
        if let unknown = wanted.first(where: { !names.contains($0) }) {
          let near = nearestName(to: unknown, in: names).map { "; did you mean \"\($0)\"?" } ?? ""
          throw WorkloadError(description: "maintenance names no host \"\(unknown)\"\(near)")
        }
        hosts = names.indices.filter { wanted.contains(names[$0]) }.map { HostID($0) }
      }
      windows.append(.init(hosts: hosts, start: window.from, end: window.until))
    }
    return windows
  }

  /// Names of all hosts, rack by rack.
  func hostNamesByRack() -> [[String]] {
    dataCenter.racks.flatMap { group in Array(repeating: group.hosts, count: group.count) }
      .enumerated().map { rack, hosts in
        (0..<hosts).map { DataCenterSpec.hostName(rack: rack, position: $0) }
      }
  }
}
