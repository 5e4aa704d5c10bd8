// SPDX-License-Identifier: Apache-2.0

/// A list of entries in chunks of the pool.
@frozen
@usableFromInline
struct Bucket {
  /// The first chunk.
  @usableFromInline var head: Int32
  /// Where in the pool the next entry goes; the multiple of a chunk's size after a full one.
  @usableFromInline var position: Int32
  @usableFromInline var count: Int32

  @inlinable
  init() {
    head = 0
    position = 0
    count = 0
  }
}

/// The events of the far future: buckets on eight levels, one for each byte of the time.
///
/// Relative to a time ``origin`` that only grows, an entry lies on the level of the highest byte in
/// which its time differs from the origin, in the bucket of that byte's value. So the first entry
/// is in the lowest bucket of the lowest level that has any, and putting that bucket's entries one
/// or more levels down (``expand(_:)``) happens at most seven times to each of them: O(1) an event,
/// whatever the times are. There is no bucket width to tune.
///
/// Source: Denardo and Fox, "Shortest-Route Methods: 1. Reaching, Pruning, and Buckets", Operations
/// Research 27(1), 1979, doi:10.1287/opre.27.1.161.
@frozen
@usableFromInline
struct FarBuckets<Event> {
  /// All entries lie at or after this biased time.
  @usableFromInline var origin: UInt64
  @usableFromInline var count: Int
  /// Bit n: level n has an entry.
  @usableFromInline var occupiedLevels: UInt32
  /// For each level 256 bits: the bucket has an entry.
  @usableFromInline var occupied: PlainStorage<UInt64>
  @usableFromInline var buckets: PlainStorage<Bucket>

  /// The chunks, `chunkSize` entries each.
  @usableFromInline var pool: PlainStorage<QueueEntry<Event>>
  /// For each chunk the one that follows in its bucket or in the list of free ones.
  @usableFromInline var following: PlainStorage<Int32>
  @usableFromInline var chunkCount: Int
  @usableFromInline var firstFree: Int32

  @inlinable static var levels: Int { 8 }
  @inlinable static var chunkBits: Int32 { 5 }
  @inlinable static var chunkSize: Int32 { 1 << chunkBits }

  @inlinable
  init() {
    origin = 0
    count = 0
    occupiedLevels = 0
    occupied = PlainStorage(capacity: FarBuckets.levels * 4)
    occupied.base.initialize(repeating: 0, count: FarBuckets.levels * 4)
    buckets = PlainStorage(capacity: FarBuckets.levels * 256)
    buckets.base.initialize(repeating: Bucket(), count: FarBuckets.levels * 256)
    pool = PlainStorage(capacity: Int(FarBuckets.chunkSize))
    following = PlainStorage(capacity: 1)
    chunkCount = 0
    firstFree = -1
  }

  /// Adds an entry; its time must not be before the origin.
  @inlinable
  mutating func append(_ entry: QueueEntry<Event>) {
    let time = entry.key.biasedTime
    let level = (63 &- ((time ^ origin) | 1).leadingZeroBitCount) >> 3
    let digit = Int(truncatingIfNeeded: time >> UInt64(level &* 8)) & 255
    let bucket = buckets.base + (level << 8 | digit)
    if bucket.pointee.position & (FarBuckets.chunkSize &- 1) == 0 {
      addChunk(level: level, digit: digit)
    }
    pool.base[Int(bucket.pointee.position)] = entry
    bucket.pointee.position &+= 1
    bucket.pointee.count &+= 1
    count &+= 1
  }

  /// Gives a bucket a chunk at its end.
  @inlinable
  @inline(never)
  mutating func addChunk(level: Int, digit: Int) {
    let chunk: Int32
    if firstFree >= 0 {
      chunk = firstFree
      firstFree = following.base[Int(chunk)]
    } else {
      precondition(chunkCount < Int(Int32.max >> FarBuckets.chunkBits), "too many pending events")
      let size = Int(FarBuckets.chunkSize)
      pool.reserve((chunkCount + 1) * size, used: chunkCount * size)
      following.reserve(chunkCount + 1, used: chunkCount)
      chunk = Int32(chunkCount)
      chunkCount += 1
    }
    let bucket = buckets.base + (level << 8 | digit)
    if bucket.pointee.count == 0 {
      bucket.pointee.head = chunk
      occupied.base[level << 2 | digit >> 6] |= 1 << UInt64(digit & 63)
      occupiedLevels |= 1 << UInt32(level)
    } else {
      let last = bucket.pointee.position >> FarBuckets.chunkBits - 1
      following.base[Int(last)] = chunk
    }
    bucket.pointee.position = chunk << FarBuckets.chunkBits
  }

  /// The first bucket with an entry (level and digit as one number); there must be one.
  @inlinable
  func firstBucket() -> Int {
    let level = occupiedLevels.trailingZeroBitCount
    return nextBucket(onLevel: level, from: 0)
  }

  /// The first bucket with an entry on a level, from a digit on; −1 if there is none.
  @inlinable
  func nextBucket(onLevel level: Int, from digit: Int) -> Int {
    if digit > 255 { return -1 }
    var word = digit >> 6
    var bits = occupied.base[level << 2 | word] & (UInt64.max << UInt64(digit & 63))
    while bits == 0 {
      word += 1
      if word == 4 { return -1 }
      bits = occupied.base[level << 2 | word]
    }
    return level << 8 | word << 6 | bits.trailingZeroBitCount
  }

  /// The first time that belongs to a bucket.
  @inlinable
  func start(of bucket: Int) -> UInt64 {
    let shift = UInt64(bucket >> 8 * 8)
    let above = (origin >> shift) & ~255
    return (above | UInt64(bucket & 255)) << shift
  }

  /// The last time that belongs to a bucket.
  @inlinable
  func last(of bucket: Int) -> UInt64 {
    start(of: bucket) | ((1 << UInt64(bucket >> 8 * 8)) - 1)
  }

  /// Puts the entries of a bucket above level 0 on lower levels. It must be the first bucket.
  @inlinable
  @inline(never)
  mutating func expand(_ bucket: Int) {
    origin = start(of: bucket)
    var (chunk, rest) = close(bucket)
    while rest > 0 {
      let first = Int(chunk << FarBuckets.chunkBits)
      let size = min(rest, Int(FarBuckets.chunkSize))
      // Appending may move the pool: read through `pool` every time.
      for index in first..<first + size { append(pool.base[index]) }
      rest -= size
      chunk = free(chunk)
    }
  }

  /// Moves the entries of a bucket to `target`, in the order in which they came.
  @inlinable
  mutating func drain(_ bucket: Int, to target: UnsafeMutablePointer<QueueEntry<Event>>) {
    var target = target
    var (chunk, rest) = close(bucket)
    while rest > 0 {
      let size = min(rest, Int(FarBuckets.chunkSize))
      target.update(from: pool.base + Int(chunk << FarBuckets.chunkBits), count: size)
      target += size
      rest -= size
      chunk = free(chunk)
    }
  }

  /// Makes a bucket empty; its chunks and entries are the caller's.
  @inlinable
  mutating func close(_ bucket: Int) -> (head: Int32, count: Int) {
    let old = buckets.base[bucket]
    buckets.base[bucket] = Bucket()
    count -= Int(old.count)
    let level = bucket >> 8
    occupied.base[bucket >> 6] &= ~(1 << UInt64(bucket & 63))
    let words = occupied.base + level << 2
    if words[0] | words[1] | words[2] | words[3] == 0 { occupiedLevels &= ~(1 << UInt32(level)) }
    return (old.head, Int(old.count))
  }

  /// Gives a chunk back; returns the one that followed it.
  @inlinable
  mutating func free(_ chunk: Int32) -> Int32 {
    let next = following.base[Int(chunk)]
    following.base[Int(chunk)] = firstFree
    firstFree = chunk
    return next
  }

  /// Calls `body` with every entry, in no particular order.
  @inlinable
  func forEach(_ body: (QueueEntry<Event>) -> Void) {
    for level in 0..<FarBuckets.levels {
      var bucket = nextBucket(onLevel: level, from: 0)
      while bucket >= 0 {
        var chunk = buckets.base[bucket].head
        var rest = Int(buckets.base[bucket].count)
        while rest > 0 {
          let first = Int(chunk << FarBuckets.chunkBits)
          let size = min(rest, Int(FarBuckets.chunkSize))
          for index in first..<first + size { body(pool.base[index]) }
          rest -= size
          chunk = following.base[Int(chunk)]
        }
        bucket = nextBucket(onLevel: level, from: bucket & 255 + 1)
      }
    }
  }

  /// Gives this copy memory of its own.
  @inlinable
  mutating func detach() {
    let size = Int(FarBuckets.chunkSize)
    occupied = occupied.copy(used: occupied.capacity, capacity: occupied.capacity)
    buckets = buckets.copy(used: buckets.capacity, capacity: buckets.capacity)
    pool = pool.copy(used: chunkCount * size, capacity: pool.capacity)
    following = following.copy(used: chunkCount, capacity: following.capacity)
  }
}
