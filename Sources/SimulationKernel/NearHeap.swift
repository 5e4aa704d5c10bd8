// SPDX-License-Identifier: Apache-2.0

/// A heap of entries with four children a node: less deep than a binary heap, and a node's children
/// are neighbours in memory.
///
/// Source: Johnson, "Priority Queues with Update and Finding Minimum Spanning Trees", Information
/// Processing Letters 4(3), 1975, doi:10.1016/0020-0190(75)90001-0.
@frozen
@usableFromInline
struct NearHeap<Event> {
  @usableFromInline var entries: PlainStorage<QueueEntry<Event>>
  @usableFromInline var count: Int

  @inlinable
  init() {
    entries = PlainStorage(capacity: 64)
    count = 0
  }

  /// The first entry's key, if there is an entry.
  @inlinable var firstKey: EventKey { entries.base.pointee.key }

  @inlinable
  mutating func push(_ entry: QueueEntry<Event>) {
    if count == entries.capacity { entries.reserve(count + 1, used: count) }
    let base = entries.base
    var hole = count
    count += 1
    while hole > 0 {
      let parent = (hole &- 1) >> 2
      if base[parent].key < entry.key { break }
      base[hole] = base[parent]
      hole = parent
    }
    base[hole] = entry
  }

  /// Takes the first entry out; there must be one.
  @inlinable
  mutating func popFirst() -> QueueEntry<Event> {
    let base = entries.base
    let first = base.pointee
    count -= 1
    let last = base[count]
    var hole = 0
    while true {
      let child = hole << 2 &+ 1
      if child &+ 3 < count {
        // All four: compare in pairs.
        let left = base[child &+ 1].key < base[child].key ? child &+ 1 : child
        let right = base[child &+ 3].key < base[child &+ 2].key ? child &+ 3 : child &+ 2
        let least = base[right].key < base[left].key ? right : left
        if last.key < base[least].key { break }
        base[hole] = base[least]
        hole = least
      } else {
        if child >= count { break }
        var least = child
        var other = child &+ 1
        while other < count {
          if base[other].key < base[least].key { least = other }
          other &+= 1
        }
        if last.key < base[least].key { break }
        base[hole] = base[least]
        hole = least
      }
    }
    base[hole] = last
    return first
  }
}
