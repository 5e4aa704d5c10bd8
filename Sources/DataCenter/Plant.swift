// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
import Facility
public import SimulationKernel
import TrafficModels
public import Units
import Workloads

/// The simulated data center: state, and what each event does to it.
///
/// The plant is a value. `Simulator<Plant>` runs it; a policy acts on it only through
/// `ControlPlane`. Every continuous quantity is booked when the value that held ends, so results
/// do not depend on when anybody looks. Rooms: hosts and sharing (`Plant+Compute`), shadows
/// (`Plant+Shadows`), migration, power, telemetry and commands, each in its own file.
public struct Plant: SimulationModel {
  /// Events are plain values.
  public typealias Event = PlantEvent

  let spec: PlantSpec
  /// What policies know of the data center.
  public let inventory: Inventory
  let demand: DemandCursor
  /// When the run ends; no event is scheduled after it.
  let end: SimTime

  var vms: VirtualMachines
  var instances: Instances
  var hosts: Hosts
  var shadows = ShadowTable()
  /// Load balancers of the VMs that have more than a healthy primary, and their next events.
  var balancers: ContiguousArray<LoadBalancer?>
  var balancerEvents: ContiguousArray<EventHandle?>
  var migrations = MigrationTable()
  var network: PlantNetwork
  /// The end of the next transfer in the schedule.
  var networkEvent: EventHandle?
  var networkEventTime: SimTime?
  /// Power chain, air and cooling.
  public internal(set) var facility: FacilityModel
  var placement: Placement
  var policy: any ManagementPolicy
  var commands = CommandQueue()
  /// Number of the newest command carried out: one that comes again is not carried out twice.
  var newestCommand = -1

  var touched: TouchedSets
  var sharing = CPUSharing()
  var scratch = Scratch()
  var telemetry: TelemetryState
  /// The command that each host's present power transition answers.
  var hostCommands: ContiguousArray<CommandID?>
  /// The end of each host's present power transition.
  var hostTransitions: ContiguousArray<EventHandle?>
  /// What is broken now.
  var faults: FaultState
  /// Windows that began with instances still on one of their hosts.
  public internal(set) var maintenanceConflicts = 0
  /// Hosts of each rack that are not off, since when none has been, and the time with none.
  var rackHostsOn: ContiguousArray<Int>
  var rackOffSince: ContiguousArray<SimTime>
  var rackOffSeconds: ContiguousArray<Double>
  /// Sum of host power per rack.
  var rackPowerWatts: [Double]
  /// The facility's next event in the schedule, and whether a change may have moved it.
  var facilityEvent: EventHandle?
  var isFacilityScheduleStale = true
  /// When the present overload of each VM began; `distantFuture` while there is none.
  var overloadSince: ContiguousArray<SimTime>
  /// Random draws made so far for each VM's shadows, so that every draw has a stream of its own.
  var drawCount: ContiguousArray<UInt32>

  /// What shadows did and cost.
  public internal(set) var shadowBooks = ShadowBooks()
  /// What migrations did and cost.
  public internal(set) var migrationBooks = MigrationBooks()
  /// What went wrong and what came of it.
  public internal(set) var faultBooks = FaultBooks()
  /// What the policy ordered.
  public internal(set) var commandBooks = CommandBooks()
  /// Response times of all requests.
  public internal(set) var responseTimes: ResponseTimeBooks
  /// Lines of the event log not yet taken.
  public internal(set) var log: [LogRecord] = []
  /// Forecasts that the policy made and nobody has taken yet.
  public internal(set) var forecasts: [ForecastRecord] = []

  /// Handles one event, then brings sharing, service and power up to date.
  public mutating func handle(_ event: PlantEvent, scheduler: inout Scheduler<PlantEvent>) {
    switch event {
    case .demandStep(let step): demandStep(Int(step), &scheduler)
    case .telemetryTick: measure(&scheduler)
    case .telemetryArrival: deliverTelemetry(&scheduler)
    case .decision: decide(&scheduler)
    case .policyTimer:
      telemetry.timer = nil
      askPolicy(&scheduler)
    case .shadowStep(let slot): finishShadowDelay(Int(slot), &scheduler)
    case .balancerEvent(let vm): continueBalancer(Int(vm), &scheduler)
    case .migrationEvent(let index): continueMigration(Int(index), &scheduler)
    case .migrationHasStarted(let host): endStartPower(Int(host))
    case .transferEnds: wakeNetwork(at: scheduler.now)
    case .hostTransition(let host): finishHostTransition(Int(host), &scheduler)
    case .workDone(let vm): finishWork(Int(vm), &scheduler)
    case .maintenanceBegins(let window): beginMaintenance(Int(window), &scheduler)
    case .maintenanceEnds(let window): endMaintenance(Int(window), &scheduler)
    case .facilityTransition: wakeFacility(at: scheduler.now)
    case .faultBegins(let index): beginFault(Int(index), &scheduler)
    case .faultEnds(let index): endFault(Int(index), &scheduler)
    case .randomFailure(let part): beginRandomFailure(Int(part), &scheduler)
    case .randomRepair(let part): endRandomFailure(Int(part), &scheduler)
    case .tripReset(let rack): resetTrip(ofRack: Int(rack), &scheduler)
    case .heatCheck(let rack): checkHeat(ofRack: Int(rack), &scheduler)
    case .vmRestart(let vm): restart(Int(vm), &scheduler)
    case .vmBooted(let vm): finishBoot(Int(vm), &scheduler)
    }
    comeToRest(&scheduler)
  }

  /// Brings everything up to date that the present event has touched, and what follows from that at
  /// the same instant: outcomes are answered, power trips breakers, trips take hosts down.
  mutating func comeToRest(_ scheduler: inout Scheduler<PlantEvent>) {
    repeat {
      executeCommands(&scheduler)
      settleTouched(&scheduler)
    } while answerFacility(&scheduler) || answerNetwork(&scheduler)
    scheduleFacility(&scheduler)
    scheduleNetwork(&scheduler)
  }

  /// Books everything up to `now`; call once when the run has ended.
  public mutating func close(at now: SimTime) {
    for vm in 0..<vms.count { settleVM(vm, at: now) }
    for host in 0..<hosts.count { hosts.settle(host, at: now) }
    for slot in instances.primaryCount..<max(instances.primaryCount, instances.slotCount)
    where shadows.state[slot] != .terminated {
      settleShadow(slot, at: now)
      if shadows.state[slot] != .terminating, shadows.isUseful[slot] { shadowBooks.useful += 1 }
    }
    for rack in inventory.racks.indices where rackHostsOn[rack] == 0 {
      rackOffSeconds[rack] += (now - rackOffSince[rack]).seconds
      rackOffSince[rack] = now
    }
    facility.advance(to: now)
    policy.end(at: now)
  }

  /// Why the policy could not go on, if it could not; the run is then worth nothing.
  public var policyFailure: (any Error)? { policy.failure }

  /// Energy that a host has used up to `now`, exact, without closing the books.
  public func energy(of host: HostID, at now: SimTime) -> Joules {
    Joules(hosts.energyJoules(host.index, at: now))
  }
  /// Power that a host draws now.
  public func power(of host: HostID) -> Watts { Watts(hosts.powerWatts[host.index]) }
  /// The host that a VM's primary is on, if any.
  public func host(of vm: VMID) -> HostID? {
    let host = instances.host[vm.index]
    return host < 0 ? nil : HostID(Int(host))
  }
  /// Load that a VM's instances serve now.
  public func servedRate(of vm: VMID) -> Cores { Cores(vms.servedRate[vm.index]) }
  /// Finite work that a VM has still to do at `now`, in reference core-seconds.
  public func remainingWork(of vm: VMID, at now: SimTime) -> Double {
    let seconds = (now - vms.settledAt[vm.index]).seconds
    return max(0, vms.workCoreSeconds[vm.index] - vms.workRate[vm.index] * seconds)
  }
  /// Memory held on a host, by instances and by migrations on their way to it.
  public func reservedMemory(on host: HostID) -> Bytes {
    Bytes(hosts.reservedMemoryBytes[host.index])
  }

  /// Takes the lines logged since the last call.
  public mutating func takeLog() -> [LogRecord] {
    defer { log.removeAll(keepingCapacity: true) }
    return log
  }

  /// Takes the forecasts made since the last call.
  public mutating func takeForecasts() -> [ForecastRecord] {
    defer { forecasts.removeAll(keepingCapacity: true) }
    return forecasts
  }
}

/// Hosts and VMs whose rates must be worked out again before time goes on.
struct TouchedSets: Sendable, Codable {
  private(set) var hosts: ContiguousArray<Int32> = []
  private(set) var vms: ContiguousArray<Int32> = []
  private var hostFlag: ContiguousArray<Bool>
  private var vmFlag: ContiguousArray<Bool>

  init(hosts hostCount: Int, vms vmCount: Int) {
    hostFlag = ContiguousArray(repeating: false, count: hostCount)
    vmFlag = ContiguousArray(repeating: false, count: vmCount)
  }

  mutating func touchHost(_ host: Int) {
    guard host >= 0, !hostFlag[host] else { return }
    hostFlag[host] = true
    hosts.append(Int32(host))
  }
  mutating func touchVM(_ vm: Int) {
    guard !vmFlag[vm] else { return }
    vmFlag[vm] = true
    vms.append(Int32(vm))
  }
  mutating func clearHosts() {
    for host in hosts { hostFlag[Int(host)] = false }
    hosts.removeAll(keepingCapacity: true)
  }
  mutating func clearVMs() {
    for vm in vms { vmFlag[Int(vm)] = false }
    vms.removeAll(keepingCapacity: true)
  }
}

/// Buffers that events use again and again.
struct Scratch: Sendable {
  var claims: ContiguousArray<Double> = []
  var touchedRacks: ContiguousArray<Bool> = []
}
