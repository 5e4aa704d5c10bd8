// SPDX-License-Identifier: Apache-2.0

/// A set of event sequence numbers with a deterministic layout.
///
/// Open addressing with linear probing, at most half full; removal shifts the followers back, so
/// there are no tombstones (Knuth, The Art of Computer Programming 3, section 6.4, Algorithm R).
/// All operations are O(1) expected. The standard library's `Set` would seed its hash per process
/// and hash with SipHash, which costs several times as much as the look-up itself.
@frozen
@usableFromInline
struct SequenceSet {
  /// `sequence + 1`, or 0 for a free slot; the count is a power of two.
  @usableFromInline var slots: ContiguousArray<UInt64>
  @usableFromInline var count: Int

  @inlinable
  init() {
    slots = []
    count = 0
  }

  @inlinable var isEmpty: Bool { count == 0 }

  /// The slot where the search for an element starts (Fibonacci hashing).
  @inlinable
  func home(_ stored: UInt64) -> Int {
    let hash = stored &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: hash >> 32) & (slots.count - 1)
  }

  /// The slot that holds the element, or the free one where it belongs.
  @inlinable
  func slot(of stored: UInt64) -> Int {
    var index = home(stored)
    while slots[index] != 0 && slots[index] != stored { index = (index + 1) & (slots.count - 1) }
    return index
  }

  @inlinable
  func contains(_ sequence: UInt64) -> Bool {
    count > 0 && slots[slot(of: sequence + 1)] != 0
  }

  /// Adds a number; false if it was there.
  @inlinable
  mutating func insert(_ sequence: UInt64) -> Bool {
    if (count + 1) * 2 > slots.count { grow() }
    let index = slot(of: sequence + 1)
    if slots[index] != 0 { return false }
    slots[index] = sequence + 1
    count += 1
    return true
  }

  /// Takes a number out; false if it was not there.
  @inlinable
  mutating func remove(_ sequence: UInt64) -> Bool {
    if count == 0 { return false }
    var hole = slot(of: sequence + 1)
    if slots[hole] == 0 { return false }
    count -= 1
    let mask = slots.count - 1
    var probe = (hole + 1) & mask
    while slots[probe] != 0 {
      // The follower may move back unless its home lies after the hole.
      if (probe &- home(slots[probe])) & mask >= (probe &- hole) & mask {
        slots[hole] = slots[probe]
        hole = probe
      }
      probe = (probe + 1) & mask
    }
    slots[hole] = 0
    return true
  }

  @inlinable
  mutating func removeAll() {
    slots.removeAll()
    count = 0
  }

  @usableFromInline
  mutating func grow() {
    let old = slots
    slots = ContiguousArray(repeating: 0, count: max(16, old.count * 2))
    for stored in old where stored != 0 { slots[slot(of: stored)] = stored }
  }
}
