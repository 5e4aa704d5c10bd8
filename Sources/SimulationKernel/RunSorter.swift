// SPDX-License-Identifier: Apache-2.0

/// Sorts the next run of events by their place in the order.
///
/// Their times are mostly spread evenly over a short interval, so one pass that distributes them
/// over as many cells as there are events leaves little to do for an insertion sort, and costs no
/// mispredicted branches. Runs that are sorted already (simultaneous events) are left alone; those
/// with crowded cells are merge-sorted: O(n log n) at worst.
@frozen
@usableFromInline
struct RunSorter<Event> {
  @usableFromInline var cells: PlainStorage<UInt32>

  @inlinable static var mostCells: Int { 1024 }
  /// Above this many entries in a cell, insertion would cost more than merging.
  @inlinable static var mostInCell: UInt32 { 24 }
  /// Up to this length insertion is the fastest.
  @inlinable static var shortRun: Int { 12 }

  @inlinable
  init() { cells = PlainStorage(capacity: RunSorter.mostCells) }

  /// Sorts `count` entries of `run`; `other` is work space, and may be exchanged with it.
  @inlinable
  func sort(
    _ run: inout PlainStorage<QueueEntry<Event>>, _ other: inout PlainStorage<QueueEntry<Event>>,
    count: Int
  ) {
    let entries = run.base
    if count <= RunSorter.shortRun { return insertionSort(entries, from: 0, to: count) }
    var least = entries[0].key.biasedTime
    var greatest = least
    var isSorted = true
    for index in 1..<count {
      let key = entries[index].key
      isSorted = isSorted && entries[index - 1].key < key
      least = min(least, key.biasedTime)
      greatest = max(greatest, key.biasedTime)
    }
    if isSorted { return }
    let span = greatest - least
    if count <= RunSorter.mostCells && span > 0
      && distribute(entries, to: other.base, count: count, least: least, span: span)
    {
      swap(&run, &other)
      insertionSort(run.base, from: 0, to: count)
    } else {
      mergeSort(&run, &other, count: count)
    }
  }

  /// Copies the entries in order of their cells; false if a cell is crowded.
  @inlinable
  func distribute(
    _ entries: UnsafeMutablePointer<QueueEntry<Event>>,
    to target: UnsafeMutablePointer<QueueEntry<Event>>, count: Int, least: UInt64, span: UInt64
  ) -> Bool {
    let cellBits = Int.bitWidth - (count - 1).leadingZeroBitCount
    let spanBits = UInt64.bitWidth - span.leadingZeroBitCount
    let shift = UInt64(max(0, spanBits - cellBits))
    let cellCount = Int(span >> shift) + 1
    let cells = cells.base
    cells.initialize(repeating: 0, count: cellCount)
    for index in 0..<count {
      cells[Int(truncatingIfNeeded: (entries[index].key.biasedTime - least) >> shift)] &+= 1
    }
    var position: UInt32 = 0
    var most: UInt32 = 0
    for cell in 0..<cellCount {
      let size = cells[cell]
      cells[cell] = position
      position &+= size
      most = max(most, size)
    }
    if most > RunSorter.mostInCell { return false }
    for index in 0..<count {
      let entry = entries[index]
      let cell = Int(truncatingIfNeeded: (entry.key.biasedTime - least) >> shift)
      target[Int(cells[cell])] = entry
      cells[cell] &+= 1
    }
    return true
  }

  @inlinable
  func insertionSort(
    _ entries: UnsafeMutablePointer<QueueEntry<Event>>, from start: Int, to end: Int
  ) {
    var index = start &+ 1
    while index < end {
      let key = entries[index].key
      if key < entries[index &- 1].key {
        let entry = entries[index]
        var hole = index
        repeat {
          entries[hole] = entries[hole &- 1]
          hole &-= 1
        } while hole > start && key < entries[hole &- 1].key
        entries[hole] = entry
      }
      index &+= 1
    }
  }

  @inlinable
  @inline(never)
  func mergeSort(
    _ run: inout PlainStorage<QueueEntry<Event>>, _ other: inout PlainStorage<QueueEntry<Event>>,
    count: Int
  ) {
    var width = 16
    for start in stride(from: 0, to: count, by: width) {
      insertionSort(run.base, from: start, to: min(start + width, count))
    }
    while width < count {
      for start in stride(from: 0, to: count, by: 2 * width) {
        let middle = min(start + width, count)
        merge(run.base, start, middle, min(middle + width, count), to: other.base)
      }
      swap(&run, &other)
      width *= 2
    }
  }

  /// Merges the sorted parts start ..< middle and middle ..< end.
  @inlinable
  func merge(
    _ source: UnsafeMutablePointer<QueueEntry<Event>>, _ start: Int, _ middle: Int, _ end: Int,
    to target: UnsafeMutablePointer<QueueEntry<Event>>
  ) {
    var left = start
    var right = middle
    for index in start..<end {
      if right >= end || (left < middle && source[left].key < source[right].key) {
        target[index] = source[left]
        left += 1
      } else {
        target[index] = source[right]
        right += 1
      }
    }
  }
}
