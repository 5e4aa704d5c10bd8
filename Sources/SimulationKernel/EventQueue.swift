// SPDX-License-Identifier: Apache-2.0

/// One waiting event with its place in the total order.
@frozen
@usableFromInline
struct QueueEntry<Event> {
  @usableFromInline var key: EventKey
  @usableFromInline var event: Event

  @inlinable
  init(key: EventKey, event: Event) {
    self.key = key
    self.event = event
  }
}

/// The pending event set: a heap with four children a node.
@frozen
@usableFromInline
struct EventQueue<Event> {
  @usableFromInline var entries: ContiguousArray<QueueEntry<Event>>

  @inlinable
  init() { entries = [] }

  @inlinable var count: Int { entries.count }

  @inlinable
  mutating func push(_ entry: QueueEntry<Event>) {
    entries.append(entry)
    var hole = entries.count - 1
    while hole > 0 {
      let parent = (hole - 1) / 4
      if entries[parent].key < entry.key { break }
      entries[hole] = entries[parent]
      hole = parent
    }
    entries[hole] = entry
  }

  /// The first entry's time; nil if there is none.
  @inlinable
  mutating func firstBiasedTime() -> UInt64? { entries.first?.key.biasedTime }

  /// Takes the first entry if it is due.
  @inlinable
  mutating func popFirst(notAfter limit: UInt64) -> QueueEntry<Event>? {
    guard let first = entries.first, first.key.biasedTime <= limit else { return nil }
    let last = entries.removeLast()
    let end = entries.count
    if end == 0 { return first }
    var hole = 0
    while true {
      let child = 4 * hole + 1
      if child >= end { break }
      var least = child
      for other in child + 1..<max(child + 1, min(child + 4, end))
      where entries[other].key < entries[least].key { least = other }
      if last.key < entries[least].key { break }
      entries[hole] = entries[least]
      hole = least
    }
    entries[hole] = last
    return first
  }

  /// All entries, in no particular order.
  @inlinable
  func allEntries() -> [QueueEntry<Event>] { Array(entries) }

  /// Drops every entry for which the predicate does not hold.
  @inlinable
  mutating func keepOnly(_ isWanted: (EventKey) -> Bool) {
    let old = entries
    entries.removeAll(keepingCapacity: true)
    for entry in old where isWanted(entry.key) { push(entry) }
  }
}
