// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Facility
import Units

extension ScenarioSpec {
  /// What the plant needs of the scenario, for a run under `seed`.
  func plant(seed: UInt64, inputs: FacilityInputs) -> PlantSpec {
    var plant = PlantSpec(seed: seed)
    plant.dataCenter = dataCenter
    plant.shadow = shadow
    plant.migration = migration
    plant.traffic = traffic
    plant.responseTime = responseTime
    plant.facility = facility
    plant.facilityInputs = inputs
    plant.telemetry = telemetry
    plant.decisionPeriod = decisionPeriod
    plant.interpolation = workload.interpolation
    return plant
  }

  /// The maintenance calendar with hosts by number.
  ///
  /// Names and numbers were checked when the scenario was read.
  func maintenanceWindows() -> [Inventory.MaintenanceWindow] {
    let racks = hostNamesByRack()
    let names = racks.flatMap { $0 }
    var first = 0
    let starts = racks.map { rack in
      defer { first += rack.count }
      return first
    }
    return maintenance.map { window in
      let hosts: [HostID] =
        switch window.target {
        case .rack(let number):
          (0..<racks[number - 1].count).map { HostID(starts[number - 1] + $0) }
        case .hosts(let wanted):
          names.indices.filter { wanted.contains(names[$0]) }.map { HostID($0) }
        }
      return Inventory.MaintenanceWindow(hosts: hosts, start: window.from, end: window.until)
    }
  }

  /// Names of all hosts, rack by rack.
  func hostNamesByRack() -> [[String]] {
    dataCenter.racks.flatMap { group in Array(repeating: group.hosts, count: group.count) }
      .enumerated().map { rack, hosts in
        (0..<hosts).map { DataCenterSpec.hostName(rack: rack, position: $0) }
      }
  }
}
