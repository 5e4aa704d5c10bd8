// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
import Facility
public import SimulationKernel
import TrafficModels
public import Units
public import Workloads

/// Why a plant cannot be set up: the scenario asks for something that does not fit.
public enum PlantSetupError: Error, Sendable, Equatable, CustomStringConvertible {
  /// No host in the data center, even empty, has room for this VM.
  case vmLargerThanEveryHost(vm: String, cores: Double, memoryBytes: Double)
  /// All hosts together have no room left for this VM.
  case noRoom(vm: String, placed: Int, of: Int)

  /// One line for people.
  public var description: String {
    switch self {
    case .vmLargerThanEveryHost(let vm, let cores, let memoryBytes):
      let gibibytes = memoryBytes / 1_073_741_824
      return """
        VM "\(vm)" (\(cores) cores, \(gibibytes) GiB) is larger than every host; \
        use larger hosts, a higher dataCenter.cpuOvercommit, or a smaller VM
        """
    case .noRoom(let vm, let placed, let total):
      return """
        no host has room left for VM "\(vm)" (\(placed) of \(total) placed); \
        add hosts or raise dataCenter.cpuOvercommit
        """
    }
  }
}

extension Plant {
  /// A policy, made once the inventory is known.
  public typealias PolicyMaker = (Inventory) throws -> any ManagementPolicy

  /// Sets up the data center with every VM placed, ready to run from time zero.
  ///
  /// - Parameters:
  ///   - spec: Hosts, latencies, measurement.
  ///   - demand: Load; sample 0 begins at time zero.
  ///   - capacities: What one full instance of each VM can serve, in cores.
  ///   - memory: Memory of one full instance of each VM.
  ///   - maintenance: Planned absences of hosts.
  ///   - duration: Length of the run.
  ///   - makePolicy: Makes the policy.
  /// - Throws: ``PlantSetupError`` when a VM cannot be placed; what `makePolicy` throws.
  public init(
    spec: PlantSpec, demand: DemandTrace, capacities: [Cores], memory: [Bytes],
    maintenance: [Inventory.MaintenanceWindow] = [], duration: SimTime, makePolicy: PolicyMaker
  ) throws {
    let floor = EquippedFloor(spec.dataCenter.racks)
    let (racks, hostList, models) = (floor.racks, floor.hosts, floor.models)
    let (placements, speeds) = (floor.placements, floor.speeds)
    let vmList = demand.vms.indices.map { vm in
      Inventory.VM(
        name: demand.vms[vm].name, profile: demand.vms[vm].profile, capacity: capacities[vm],
        memory: memory[vm])
    }
    let inventory = Inventory(
      vms: vmList, hosts: hostList, racks: racks,
      maintenance: maintenance.sorted { ($0.start, $0.end) < ($1.start, $1.end) },
      telemetryInterval: spec.telemetry.interval, decisionPeriod: spec.decisionPeriod,
      sampleInterval: demand.interval,
      typicalShadowLeadTime: spec.typicalShadowLeadTime(memory: memory.max() ?? .zero),
      seed: spec.seed)
    let policy = try makePolicy(inventory)
    let sized = policy.initialCapacities(sizing: capacities).map(\.value)

    self.spec = spec
    self.inventory = inventory
    self.policy = policy
    end = duration
    self.demand = DemandCursor(trace: demand, interpolation: spec.interpolation, seed: spec.seed)
    vms = VirtualMachines(capacityCores: sized, memoryBytes: memory.map(\.value))
    responseTimes = ResponseTimeBooks(models: spec.responseTime.models)
    for (vm, description) in vmList.enumerated() {
      vms.responseModel[vm] = Int32(spec.responseTime.modelIndex(ofProfile: description.profile))
    }
    instances = Instances(sizeCores: sized, memoryBytes: memory.map(\.value))
    hosts = Hosts(placements: placements, models: models, coreSpeeds: speeds)
    placement = Placement(
      algorithm: spec.dataCenter.placement, cpuOvercommit: spec.dataCenter.cpuOvercommit)
    touched = TouchedSets(hosts: placements.count, vms: sized.count)
    scratch.touchedRacks = ContiguousArray(repeating: false, count: racks.count)
    rackPowerWatts = [Double](repeating: 0, count: racks.count)
    facility = try FacilityModel(
      spec: spec.facility,
      racks: racks.map { rack in
        FacilityRack(
          peakPower: rack.hosts.reduce(Watts(0)) {
            $0 + models[placements[$1.index].model].curve.peakPower
          }, servers: rack.hosts.count)
      }, inputs: spec.facilityInputs, startEpochSeconds: demand.startEpochSeconds)
    rackHostsOn = ContiguousArray(racks.map(\.hosts.count))
    rackOffSince = ContiguousArray(repeating: .zero, count: racks.count)
    rackOffSeconds = ContiguousArray(repeating: 0, count: racks.count)
    hostCommands = ContiguousArray(repeating: nil, count: placements.count)
    hostTransitions = ContiguousArray(repeating: nil, count: placements.count)
    balancers = ContiguousArray(repeating: nil, count: sized.count)
    balancerEvents = ContiguousArray(repeating: nil, count: sized.count)
    network = PlantNetwork(
      spec: spec.network, fixedRate: spec.migration.bandwidth,
      rackOfHost: placements.map(\.rack))
    faults = FaultState(
      spec: spec.faults, fromTrace: spec.traceFaults, hosts: placements.count, racks: racks.count)
    overloadSince = ContiguousArray(repeating: .distantFuture, count: sized.count)
    drawCount = ContiguousArray(repeating: 0, count: sized.count)
    telemetry = TelemetryState(phase: Plant.phase("telemetry/phase", spec.telemetry.interval, spec))
    shadows.grow(to: instances.slotCount)
    try placeVMs()
    for host in 0..<hosts.count { touched.touchHost(host) }
    updatePower(at: .zero)
    touched.clearHosts()
  }

  /// Agents and deciders do not wake in step with the trace: each run draws where their grids lie.
  private static func phase(_ purpose: String, _ period: SimTime, _ spec: PlantSpec) -> SimTime {
    var stream = RandomStream(seed: spec.seed, purpose: purpose)
    return SimTime(nanoseconds: Int64(stream.uniform() * Double(period.nanoseconds)))
  }

  private mutating func placeVMs() throws {
    let order = placement.initialOrder(cores: vms.capacityCores, count: vms.count)
    for (position, vm) in order.enumerated() {
      let request = PlacementRequest(
        cores: vms.capacityCores[vm], memoryBytes: vms.memoryBytes[vm], avoiding: [])
      guard let host = placement.host(for: request, in: hosts) else {
        throw refusal(of: vm, placed: position)
      }
      place(vm, on: host, cores: request.cores, memory: request.memoryBytes, at: .zero)
    }
  }

  private func refusal(of vm: Int, placed: Int) -> PlantSetupError {
    let name = inventory.vms[vm].name
    let cores = vms.capacityCores[vm]
    let memory = vms.memoryBytes[vm]
    let fitsSomewhere = (0..<hosts.count).contains {
      hosts.memoryBytes[$0] >= memory
        && hosts.capacityCores[$0] * placement.cpuOvercommit >= cores
    }
    return fitsSomewhere
      ? .noRoom(vm: name, placed: placed, of: vms.count)
      : .vmLargerThanEveryHost(vm: name, cores: cores, memoryBytes: memory)
  }

  /// Schedules what starts a run: the first demand step, the first decision, maintenance.
  public mutating func scheduleStart(_ scheduler: inout Scheduler<PlantEvent>) {
    func first(_ event: PlantEvent, _ time: SimTime) {
      guard time <= end else { return }
      scheduler.schedule(event, at: time, priority: event.priority)
    }
    if demand.stepCount > 0 { first(.demandStep(0), .zero) }
    first(.decision, Plant.phase("decision/phase", inventory.decisionPeriod, spec))
    for (index, window) in inventory.maintenance.enumerated() {
      first(.maintenanceBegins(Int32(index)), window.start)
    }
    scheduleFaults(&scheduler)
  }

  /// Gives a VM finite work on top of its trace load.
  ///
  /// - Parameters:
  ///   - vm: The VM.
  ///   - coreSeconds: Work in reference core-seconds.
  ///   - parallelism: Most cores that it can use at once.
  public mutating func addWork(to vm: VMID, coreSeconds: Double, parallelism: Double) {
    vms.workCoreSeconds[vm.index] = coreSeconds
    vms.workParallelism[vm.index] = parallelism
    touched.touchHost(Int(instances.host[vm.index]))
    touched.touchVM(vm.index)
  }
}

/// Racks and hosts as the scenario orders them, group by group.
private struct EquippedFloor {
  var racks: [Inventory.Rack] = []
  var hosts: [Inventory.Host] = []
  /// The kinds of server, one a group.
  var models: [ServerModel] = []
  /// Rack and kind of each host.
  var placements: [(rack: Int, model: Int)] = []
  /// Speed of a core of each host, relative to the cores that demand is given in.
  var speeds: [Double] = []

  init(_ groups: [RackGroupSpec]) {
    for group in groups {
      models.append(group.server.model)
      for _ in 0..<group.count { addRack(of: group) }
    }
  }

  private mutating func addRack(of group: RackGroupSpec) {
    let rack = RackID(racks.count)
    let first = hosts.count
    let watts = (0...10).map { group.server.model.curve.power(at: Double($0) / 10).value }
    for position in 0..<group.hosts {
      hosts.append(
        Inventory.Host(
          name: DataCenterSpec.hostName(rack: rack.index, position: position), rack: rack,
          cores: group.server.model.cores * group.coreSpeed, memory: group.server.model.memory,
          bootTime: group.server.model.bootTime, powerWatts: watts))
      placements.append((rack.index, models.count - 1))
      speeds.append(group.coreSpeed)
    }
    racks.append(
      Inventory.Rack(
        name: DataCenterSpec.rackName(rack.index),
        hosts: (first..<hosts.count).map { HostID($0) }))
  }
}
