// SPDX-License-Identifier: Apache-2.0

/// Names as bytes, numbered in the order of their first appearance.
///
/// Open addressing over one byte array: rows of a trace are matched with their VM without making
/// a `String` of each. The hash (FNV-1a, 64 bit) has no per-process seed.
struct NameTable {
  private var arena: [UInt8] = []
  private var ends: [Int] = []
  private var slots = [Int32](repeating: -1, count: 64)
  private var latest = -1

  /// How many different names there are.
  var count: Int { ends.count }

  /// The bytes of a name.
  subscript(_ index: Int) -> ArraySlice<UInt8> {
    arena[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  /// The number of the name in `range` of `bytes`; nil when it is new.
  mutating func find(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    // Most formats list a VM's rows one after the other.
    if latest >= 0, isEqual(latest, bytes, range) { return latest }
    let slot = slots[probe(bytes, range)]
    guard slot >= 0 else { return nil }
    latest = Int(slot)
    return latest
  }

  /// Adds a name that ``find(_:_:)`` did not find.
  mutating func append(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
    arena += bytes[range]
    ends.append(arena.count)
    latest = ends.count - 1
    if ends.count * 2 > slots.count { grow() } else { slots[probe(bytes, range)] = Int32(latest) }
    return latest
  }

  private func isEqual(_ index: Int, _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    let start = index == 0 ? 0 : ends[index - 1]
    guard ends[index] - start == range.count else { return false }
    for offset in 0..<range.count
    where arena[start + offset] != bytes[range.lowerBound + offset] { return false }
    return true
  }

  /// The slot that holds the name, or the free one where it belongs.
  private func probe(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in range { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash ^ (hash >> 32)) & mask
    while slots[slot] >= 0, !isEqual(Int(slots[slot]), bytes, range) { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    for index in ends.indices {
      let start = index == 0 ? 0 : ends[index - 1]
      slots[probe(arena, start..<ends[index])] = Int32(index)
    }
  }
}
