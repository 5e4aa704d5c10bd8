// SPDX-License-Identifier: Apache-2.0

/// Frees a block of memory together with its last owner.
@usableFromInline
final class MemoryBlock {
  @usableFromInline let address: UnsafeMutableRawPointer

  @inlinable
  init(byteCount: Int, alignment: Int) {
    address = .allocate(byteCount: byteCount, alignment: alignment)
  }

  @inlinable
  deinit { address.deallocate() }
}

/// A growing block of plain values, reached by pointer.
///
/// The queue's innermost memory: no bounds checks and no uniqueness checks on element access, which
/// cost a tenth of the event rate. Its owner knows how many elements are in use and copies the
/// storage before writing if ``block`` is shared.
@frozen
@usableFromInline
struct PlainStorage<Element> {
  @usableFromInline var base: UnsafeMutablePointer<Element>
  @usableFromInline var capacity: Int
  @usableFromInline var block: MemoryBlock

  @inlinable
  init(capacity: Int) {
    block = MemoryBlock(
      byteCount: capacity * MemoryLayout<Element>.stride,
      alignment: max(64, MemoryLayout<Element>.alignment))
    base = block.address.bindMemory(to: Element.self, capacity: capacity)
    self.capacity = capacity
  }

  /// A copy of the first `used` elements with room for `capacity`.
  @inlinable
  func copy(used: Int, capacity: Int) -> PlainStorage {
    let copy = PlainStorage(capacity: capacity)
    copy.base.initialize(from: base, count: used)
    return copy
  }

  /// Makes room for at least `needed` elements and keeps the first `used`.
  @inlinable
  mutating func reserve(_ needed: Int, used: Int) {
    if needed > capacity { self = copy(used: used, capacity: max(needed, capacity * 2)) }
  }
}
