// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Units

/// Three VMs on two hosts in one rack.
enum SmallCenter {
  static let inventory = Inventory(
    vms: ["web-001", "web-002", "batch-001"].map {
      Inventory.VM(
        name: $0, profile: String($0.prefix { $0 != "-" }), capacity: Cores(2),
        memory: Bytes(4e9))
    },
    hosts: ["r1-h01", "r1-h02"].map {
      Inventory.Host(
        name: $0, rack: RackID(0), cores: Cores(32), memory: Bytes(1e11), bootTime: .minutes(2))
    },
    racks: [Inventory.Rack(name: "r1", hosts: [HostID(0), HostID(1)])],
    maintenance: [
      Inventory.MaintenanceWindow(hosts: [HostID(1)], start: .hours(2), end: .hours(3))
    ],
    telemetryInterval: .seconds(15), decisionPeriod: .seconds(60), sampleInterval: .minutes(5),
    typicalShadowLeadTime: .seconds(90), seed: 18_446_744_073_709_551_615)

  /// A frame in which the first VM was not reported.
  static func frame(at time: SimTime) -> TelemetryFrame {
    var frame = TelemetryFrame(takenAt: time, vms: 3, hosts: 2, racks: 1)
    frame.arrivedAt = time + .seconds(1)
    frame.offeredCores = [.nan, 1.5, 0.1 + 0.2]
    frame.hostOfVM = [0, -1, 1]
    frame.shadows = [
      TelemetryFrame.Shadow(id: ShadowID(7), vm: VMID(1), host: HostID(0), state: .ready)
    ]
    return frame
  }
}
