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

/// The pending event set: a heap on top of buckets.
///
/// The near future, up to ``nearLast``, is a sorted *run* that is read from front to back, and a
/// small *heap* of events that were scheduled into the run's interval after it was sorted. All
/// else waits unsorted in buckets. When the near future is used up, the next few hundred events
/// become the next run. So almost every event is written twice or three times, always near what
/// was written before, and sorted among a few hundred; a binary heap of a million events touches
/// twenty cache lines all over the memory for each.
///
/// Few events are all in the heap. Cost is O(1) amortised an event, O(log n) if very many fall into
/// one instant in no order. Memory is linear, plus at most 2048 partly filled chunks (some 2 MiB).
///
/// Source: the hot queue of Cherkassky, Goldberg and Silverstein, "Buckets, Heaps, Lists, and
/// Monotone Priority Queues", SIAM J. Comput. 28(4), 1999, doi:10.1137/S0097539796313490, with the
/// sorted run added.
@frozen
@usableFromInline
struct EventQueue<Event> {
  @usableFromInline var run: PlainStorage<QueueEntry<Event>>
  @usableFromInline var runNext: Int
  @usableFromInline var runEnd: Int
  @usableFromInline var heap: NearHeap<Event>
  /// The last biased time of the near future; the buckets hold later ones only.
  @usableFromInline var nearLast: UInt64
  /// A heap greater than this is put back into the buckets.
  @usableFromInline var largestHeap: Int
  @usableFromInline var far: FarBuckets<Event>
  /// Work space for sorting, as large as `run`.
  @usableFromInline var spare: PlainStorage<QueueEntry<Event>>
  @usableFromInline var sorter: RunSorter<Event>

  /// A run has at most this many events, if they can be told apart by time.
  @inlinable static var runLength: Int { 256 }
  /// A bucket with no more events than this is not worth spreading over 256 smaller ones.
  @inlinable static var longestRun: Int { 1024 }
  /// Up to this many events all are near.
  @inlinable static var fewEvents: Int { 64 }

  @inlinable
  init() {
    run = PlainStorage(capacity: EventQueue.runLength)
    spare = PlainStorage(capacity: EventQueue.runLength)
    runNext = 0
    runEnd = 0
    heap = NearHeap()
    nearLast = .max
    largestHeap = EventQueue.runLength
    far = FarBuckets()
    sorter = RunSorter()
  }

  @inlinable var count: Int { runEnd - runNext + heap.count + far.count }

  @inlinable
  mutating func push(_ entry: QueueEntry<Event>) {
    if !isKnownUniquelyReferenced(&run.block) { detach() }
    if entry.key.biasedTime > nearLast {
      far.append(entry)
    } else {
      heap.push(entry)
      if heap.count > largestHeap { spill() }
    }
  }

  /// Takes the first entry if it is due.
  @inlinable
  mutating func popFirst(notAfter limit: UInt64) -> QueueEntry<Event>? {
    if !isKnownUniquelyReferenced(&run.block) { detach() }
    if runNext == runEnd && heap.count == 0 {
      if far.count == 0 { return nil }
      refill()
    }
    if runNext < runEnd {
      let entry = run.base[runNext]
      if heap.count == 0 || entry.key < heap.firstKey {
        if entry.key.biasedTime > limit { return nil }
        runNext &+= 1
        return entry
      }
    }
    if heap.firstKey.biasedTime > limit { return nil }
    return heap.popFirst()
  }

  /// Makes the next run. The near future must be used up, and the buckets not empty.
  @inlinable
  @inline(never)
  mutating func refill() {
    runNext = 0
    runEnd = 0
    if far.count <= EventQueue.fewEvents {
      while far.count > 0 { drain(far.firstBucket()) }
      nearLast = .max
    } else {
      var bucket = far.firstBucket()
      while far.buckets.base[bucket].count > EventQueue.longestRun && bucket > 255 {
        far.expand(bucket)
        bucket = far.firstBucket()
      }
      far.origin = far.start(of: bucket)
      repeat {
        nearLast = far.last(of: bucket)
        drain(bucket)
        bucket = far.nextBucket(onLevel: bucket >> 8, from: bucket & 255 + 1)
      } while bucket >= 0
        && runEnd + Int(far.buckets.base[bucket].count) <= EventQueue.runLength
    }
    sorter.sort(&run, &spare, count: runEnd)
    largestHeap = max(EventQueue.runLength, runEnd)
  }

  /// Moves a bucket's entries to the end of the run, unsorted.
  @inlinable
  mutating func drain(_ bucket: Int) {
    let size = Int(far.buckets.base[bucket].count)
    run.reserve(runEnd + size, used: runEnd)
    spare.reserve(run.capacity, used: 0)
    far.drain(bucket, to: run.base + runEnd)
    runEnd += size
  }

  /// Puts the near future back into the buckets, because too many events were scheduled into it,
  /// and makes a shorter one. The next time comes after as many events as were moved.
  @inlinable
  @inline(never)
  mutating func spill() {
    let isRunFirst = runNext < runEnd && run.base[runNext].key < heap.firstKey
    let first = isRunFirst ? run.base[runNext].key.biasedTime : heap.firstKey.biasedTime
    if first < far.origin && far.count > 0 { return spillAfterOrigin() }
    far.origin = first
    for index in runNext..<runEnd { far.append(run.base[index]) }
    for index in 0..<heap.count { far.append(heap.entries.base[index]) }
    heap.count = 0
    refill()
  }

  /// Spills when the clock has not come to the buckets' origin yet (one handler schedules very many
  /// events, each batch before the last). What the buckets hold was filed from that origin, so it
  /// must not go back: events before it stay in the heap, and are all of the near future.
  @inlinable
  @inline(never)
  mutating func spillAfterOrigin() {
    for index in runNext..<runEnd { far.append(run.base[index]) }
    runNext = 0
    runEnd = 0
    let all = heap.count
    heap.count = 0
    for index in 0..<all {
      let entry = heap.entries.base[index]
      if entry.key.biasedTime < far.origin { heap.push(entry) } else { far.append(entry) }
    }
    nearLast = far.origin - 1
    largestHeap = max(EventQueue.runLength, 2 * heap.count)
  }

  /// Gives this copy of the queue memory of its own.
  @inlinable
  @inline(never)
  mutating func detach() {
    run = run.copy(used: runEnd, capacity: run.capacity)
    spare = spare.copy(used: 0, capacity: run.capacity)
    heap.entries = heap.entries.copy(used: heap.count, capacity: heap.entries.capacity)
    far.detach()
    sorter = RunSorter()
  }

  /// All entries, in no particular order.
  @inlinable
  func allEntries() -> [QueueEntry<Event>] {
    var entries: [QueueEntry<Event>] = []
    entries.reserveCapacity(count)
    for index in runNext..<runEnd { entries.append(run.base[index]) }
    for index in 0..<heap.count { entries.append(heap.entries.base[index]) }
    far.forEach { entries.append($0) }
    return entries
  }
}
