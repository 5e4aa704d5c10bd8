// SPDX-License-Identifier: Apache-2.0

/// The ends of flows by time, then age: a binary heap whose entries are valid only while the flow
/// still has that end. The first entry is always valid.
struct CompletionQueue: Sendable, Codable {
  struct Entry: Sendable, Codable {
    var time: Int64
    var serial: UInt64
    var slot: Int32

    static func < (left: Entry, right: Entry) -> Bool {
      (left.time, left.serial) < (right.time, right.serial)
    }
  }
  private var heap: ContiguousArray<Entry> = []

  var first: Entry? { heap.first }

  mutating func push(
    time: Int64, serial: UInt64, slot: Int32, _ flows: ContiguousArray<FlowState>
  ) {
    // Entries out of date are kept until they come up, but not more of them than flows.
    if heap.count > 64, heap.count > 4 * flows.count { rebuild(flows) }
    heap.append(Entry(time: time, serial: serial, slot: slot))
    siftUp(heap.count - 1)
  }

  /// Removes entries that are out of date from the front.
  mutating func dropStale(_ flows: ContiguousArray<FlowState>) {
    while let top = heap.first, !Self.isValid(top, flows) {
      let last = heap.removeLast()
      if heap.isEmpty { return }
      heap[0] = last
      siftDown(0)
    }
  }

  private static func isValid(_ entry: Entry, _ flows: ContiguousArray<FlowState>) -> Bool {
    let flow = flows[Int(entry.slot)]
    return flow.serial == entry.serial && flow.completion == entry.time
  }

  private mutating func rebuild(_ flows: ContiguousArray<FlowState>) {
    heap.removeAll { !Self.isValid($0, flows) }
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
  }

  private mutating func siftUp(_ start: Int) {
    var child = start
    let entry = heap[start]
    while child > 0 {
      let parent = (child - 1) / 2
      guard entry < heap[parent] else { break }
      heap[child] = heap[parent]
      child = parent
    }
    heap[child] = entry
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    let entry = heap[start]
    while true {
      var child = 2 * parent + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < entry else { break }
      heap[parent] = heap[child]
      parent = child
    }
    heap[parent] = entry
  }
}
