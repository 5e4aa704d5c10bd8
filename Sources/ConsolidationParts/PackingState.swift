// SPDX-License-Identifier: Apache-2.0
public import StateArchive

/// Hosts and the VMs on them, as a consolidation round sees and tentatively changes them.
///
/// Struct of arrays over hosts and VMs in the caller's numbering. CPU is in one unit throughout
/// (cores, MIPS), memory in another. It knows nothing of simulated or real plants.
public struct PackingState: Sendable {
  /// The kinds of host.
  public let kinds: [HostKind]
  /// Position in ``kinds`` per host.
  public let kindOfHost: ContiguousArray<Int32>
  /// The power curves of the kinds.
  public let curves: PowerCurves
  private let capacities: ContiguousArray<Double>
  private let coreCapacities: ContiguousArray<Double>

  /// The VMs on each host, in order of arrival.
  public var vms: ContiguousArray<ContiguousArray<Int32>>
  /// CPU granted to the VMs of each host.
  public var granted: ContiguousArray<Double>
  /// CPU of each host that nobody has been granted.
  public var available: ContiguousArray<Double>
  /// CPU that the VMs of each host ask for; may exceed its capacity.
  public var demanded: ContiguousArray<Double>
  /// Utilisation of each host when it was last measured, 0…1.
  public var utilisation: ContiguousArray<Double>
  /// Power at that utilisation.
  public var power: ContiguousArray<Double>
  /// Memory of each host that is not promised.
  public var memoryFree: ContiguousArray<Double>
  /// Hosts that must not receive anything (failed, under maintenance).
  public var isClosed: ContiguousArray<Bool>

  /// CPU that each VM asks for.
  public var demand: ContiguousArray<Double>
  /// CPU size of each VM.
  public var size: ContiguousArray<Double>
  /// Utilisation of each VM as a share of its size.
  public var share: ContiguousArray<Double>
  /// Memory of each VM.
  public var memory: ContiguousArray<Double>
  /// Past utilisation of each VM.
  public var history: LoadHistory

  /// Empty hosts, and VMs that are on none of them.
  public init(kinds: [HostKind], kindOfHost: [Int], sizes: [Double], memory: [Double]) {
    let hosts = kindOfHost.count
    self.kinds = kinds
    self.kindOfHost = ContiguousArray(kindOfHost.map { Int32($0) })
    let curves = PowerCurves(kinds)
    self.curves = curves
    capacities = ContiguousArray(kindOfHost.map { kinds[$0].capacity })
    coreCapacities = ContiguousArray(kindOfHost.map { kinds[$0].coreCapacity })
    vms = ContiguousArray(repeating: [], count: hosts)
    granted = ContiguousArray(repeating: 0, count: hosts)
    demanded = granted
    utilisation = granted
    available = ContiguousArray(kindOfHost.map { kinds[$0].capacity })
    memoryFree = ContiguousArray(kindOfHost.map { kinds[$0].memory })
    power = ContiguousArray(kindOfHost.map { curves.power(of: $0, at: 0) })
    isClosed = ContiguousArray(repeating: false, count: hosts)
    size = ContiguousArray(sizes)
    demand = ContiguousArray(repeating: 0, count: sizes.count)
    share = demand
    self.memory = ContiguousArray(memory)
    history = LoadHistory(vmCount: sizes.count)
  }

  /// Number of hosts.
  public var hostCount: Int { kindOfHost.count }
  /// Number of VMs.
  public var vmCount: Int { size.count }

  /// Capacity of a host.
  @inline(__always)
  public func capacity(_ host: Int) -> Double { capacities[host] }

  /// The most that a VM can get on a host.
  @inline(__always)
  public func coreCapacity(_ host: Int) -> Double { coreCapacities[host] }

  /// Places a VM with what it asks for.
  public mutating func add(_ vm: Int, to host: Int) {
    vms[host].append(Int32(vm))
    granted[host] += demand[vm]
    available[host] -= demand[vm]
    demanded[host] += demand[vm]
    memoryFree[host] -= memory[vm]
  }

  /// Takes a VM away and sums up what the others ask for, in order.
  mutating func remove(_ vm: Int32, from host: Int) {
    vms[host].removeAll { $0 == vm }
    memoryFree[host] += memory[Int(vm)]
    granted[host] = 0
    available[host] = capacity(host)
    demanded[host] = 0
    for other in vms[host] {
      granted[host] += demand[Int(other)]
      available[host] -= demand[Int(other)]
      demanded[host] += demand[Int(other)]
    }
  }
}

/// What a host looked like before tentative changes, to bring it back exactly.
struct HostMemento {
  let host: Int
  private let vms: ContiguousArray<Int32>
  private let granted: Double
  private let available: Double
  private let demanded: Double
  private let memoryFree: Double

  init(_ host: Int, of state: PackingState) {
    self.host = host
    vms = state.vms[host]
    granted = state.granted[host]
    available = state.available[host]
    demanded = state.demanded[host]
    memoryFree = state.memoryFree[host]
  }

  func restore(in state: inout PackingState) {
    state.vms[host] = vms
    state.granted[host] = granted
    state.available[host] = available
    state.demanded[host] = demanded
    state.memoryFree[host] = memoryFree
  }
}

extension PackingState: Archivable {
  /// Exchanges loads and places.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&vms)
    try archive.state(&granted)
    try archive.state(&available)
    try archive.state(&demanded)
    try archive.state(&utilisation)
    try archive.state(&power)
    try archive.state(&memoryFree)
    try archive.state(&isClosed)
    try archive.state(&demand)
    try archive.state(&size)
    try archive.state(&share)
    try archive.state(&memory)
    try archive.state(&history)
  }
}
