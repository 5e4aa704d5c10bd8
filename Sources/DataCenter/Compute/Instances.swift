// SPDX-License-Identifier: Apache-2.0
import ControlPlane

/// The load that an instance answers, and what it can answer at most, in cores.
struct Answering: Sendable, Codable {
  var offered = 0.0
  var capacity = 0.0
}

/// All running copies of VMs: slot `v` is the primary of VM `v`, shadows come after them.
///
/// Slots of terminated shadows are used again; a shadow's public number never is.
struct Instances: Sendable, Codable {
  /// The VM each instance belongs to; -1 for a free slot.
  private(set) var vm: ContiguousArray<Int32>
  /// The host it is on; -1 when it has none.
  var host: ContiguousArray<Int32>
  /// Share of the VM's load sent to it.
  var share: ContiguousArray<Double>
  /// Load that it can serve at the reference core speed, in cores.
  var sizeCores: ContiguousArray<Double>
  /// Part of its size that is usable: 1, less under migration, 0 during downtime.
  var availability: ContiguousArray<Double>
  /// Memory that it holds on its host.
  var memoryBytes: ContiguousArray<Double>
  /// Cores that it gets.
  var granted: ContiguousArray<Double>
  /// Most that it could get now if its load asked for it.
  var limit: ContiguousArray<Double>
  /// Load that holds since the last settlement, and ``limit`` then: what requests meet.
  var answering: ContiguousArray<Answering>
  /// Next shadow of the same VM, -1 at the end.
  private(set) var nextShadow: ContiguousArray<Int32>
  /// Public number of the shadow in a slot; -1 for primaries and free slots.
  private(set) var shadowNumber: ContiguousArray<Int32>
  /// Slot of each shadow ever made; -1 when it is gone.
  private(set) var slotOfShadow: ContiguousArray<Int32> = []
  private var freeSlots: ContiguousArray<Int32> = []
  let primaryCount: Int

  init(sizeCores: [Double], memoryBytes: [Double]) {
    primaryCount = sizeCores.count
    vm = ContiguousArray(sizeCores.indices.map { Int32($0) })
    func filled<Value>(_ value: Value) -> ContiguousArray<Value> {
      ContiguousArray(repeating: value, count: sizeCores.count)
    }
    host = filled(-1)
    share = filled(1)
    self.sizeCores = ContiguousArray(sizeCores)
    availability = filled(1)
    self.memoryBytes = ContiguousArray(memoryBytes)
    granted = filled(0)
    limit = filled(0)
    answering = filled(Answering())
    nextShadow = filled(-1)
    shadowNumber = filled(-1)
  }

  var slotCount: Int { vm.count }

  /// The slot of a shadow that still exists.
  func slot(of shadow: ShadowID) -> Int? {
    guard slotOfShadow.indices.contains(shadow.number) else { return nil }
    let slot = slotOfShadow[shadow.number]
    return slot < 0 ? nil : Int(slot)
  }

  /// A new shadow of `vm` without host, load or size; appended after the VM's other shadows.
  mutating func addShadow(of owner: Int) -> Int {
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = Int(free)
      vm[slot] = Int32(owner)
    } else {
      slot = vm.count
      vm.append(Int32(owner))
      host.append(-1)
      share.append(0)
      sizeCores.append(0)
      availability.append(0)
      memoryBytes.append(0)
      granted.append(0)
      limit.append(0)
      answering.append(Answering())
      nextShadow.append(-1)
      shadowNumber.append(-1)
    }
    shadowNumber[slot] = Int32(slotOfShadow.count)
    slotOfShadow.append(Int32(slot))
    var last = owner
    while nextShadow[last] >= 0 { last = Int(nextShadow[last]) }
    nextShadow[last] = Int32(slot)
    return slot
  }

  /// Frees a shadow's slot.
  mutating func removeShadow(_ slot: Int) {
    var previous = Int(vm[slot])
    while nextShadow[previous] != Int32(slot) { previous = Int(nextShadow[previous]) }
    nextShadow[previous] = nextShadow[slot]
    slotOfShadow[Int(shadowNumber[slot])] = -1
    vm[slot] = -1
    host[slot] = -1
    share[slot] = 0
    sizeCores[slot] = 0
    availability[slot] = 0
    memoryBytes[slot] = 0
    granted[slot] = 0
    limit[slot] = 0
    answering[slot] = Answering()
    nextShadow[slot] = -1
    shadowNumber[slot] = -1
    freeSlots.append(Int32(slot))
  }
}
