// SPDX-License-Identifier: Apache-2.0
import BaselinePolicies
import ControlPlane
import DataCenter
import Facility
import MigrationModels
import SimulationKernel
import Units
import Workloads

/// A small plant for tests: hosts one by one, VMs without trace load unless given.
struct PlantFixture {
  struct Host {
    var cores = 1.0
    var speed = 1.0
    var memory = Bytes.gibibytes(64)
    var idle = Watts(0)
    var busy = Watts(1)
    var off = Watts(0)
    var asleep = Watts(0)
    var bootTime = SimTime.zero
    var bootPower: Watts?
  }
  struct VM {
    var capacity = Cores(1)
    var memory = Bytes.gibibytes(1)
    /// Load per sample in cores.
    var load: [Double] = []
  }

  var hosts: [Host] = [Host()]
  var vms: [VM] = [VM()]
  var interval = SimTime.hours(1)
  var duration = SimTime.hours(1)
  var overcommit = 1.0
  var placement = PlacementAlgorithm.firstFit
  var maintenance: [Inventory.MaintenanceWindow] = []
  var seed: UInt64 = 1
  var adjust: (inout PlantSpec) -> Void = { _ in }
  var policy: Plant.PolicyMaker = { _ in NoPolicy() }

  func spec() -> PlantSpec {
    var spec = PlantSpec(seed: seed)
    var source = DefaultParameters()
    spec.dataCenter.racks = hosts.map { host in
      var group = RackGroupSpec(from: &source)
      group.count = 1
      group.hosts = 1
      group.coreSpeed = host.speed
      group.server = ServerSpec(
        model: ServerModel(
          name: "test", about: "", cores: Cores(host.cores), memory: host.memory,
          curve: .linear(idle: host.idle, max: host.busy), offPower: host.off,
          sleepPower: host.asleep, bootTime: host.bootTime, bootPower: host.bootPower,
          shutdownTime: .zero, suspendTime: .zero))
      return group
    }
    spec.dataCenter.placement = placement
    spec.dataCenter.cpuOvercommit = overcommit
    spec.migration.model = MigrationSpec()
    spec.migration.model.cost.sourceCoreSecondsPerGigabyte = 0
    spec.migration.model.cost.targetCoreSecondsPerGigabyte = 0
    spec.migration.guest.idleDirtyRate = 0
    spec.migration.guest.dirtyRatePerCore = 0
    spec.migration.bandwidth = BytesPerSecond(1e6)
    adjust(&spec)
    return spec
  }

  func trace() -> DemandTrace {
    let samples = max(1, vms.map(\.load.count).max() ?? 1)
    var matrix = SampleMatrix(sampleCount: samples, vmCount: vms.count, filledWith: 0)
    for (vm, description) in vms.enumerated() {
      for (sample, load) in description.load.enumerated() { matrix[sample, vm] = Float(load) }
    }
    return DemandTrace(
      interval: interval,
      vms: vms.indices.map { VMDescription(name: "vm\($0)", virtualCPUs: 1) }, cpuCores: matrix)
  }

  func plant() throws -> Plant {
    try Plant(
      spec: spec(), demand: trace(), capacities: vms.map(\.capacity), memory: vms.map(\.memory),
      maintenance: maintenance, duration: duration, makePolicy: policy)
  }

  func simulator() throws -> Simulator<Plant> {
    var simulator = Simulator(model: try plant())
    simulator.model.scheduleStart(&simulator.scheduler)
    return simulator
  }
}

extension Simulator<Plant> {
  /// Gives a command now.
  mutating func submit(_ command: Command) { model.submit(command, scheduler: &scheduler) }
  var now: SimTime { scheduler.now }
}
