// SPDX-License-Identifier: Apache-2.0

/// The last residuals of many cells (one per horizon and series), always sorted, so that any
/// empirical quantile is two look-ups.
///
/// Each cell is a ring (which value leaves next) and a sorted copy. Inserting moves the part of
/// the sorted copy between the leaving and the entering value: O(log n) search plus a block move
/// of at most 4·capacity bytes; a quantile is O(1). Memory is 8·room + 8 bytes a cell; the room
/// grows by half when the fullest cell needs it, up to the capacity, so that short runs stay small.
struct ResidualPool: Sendable {
  /// Residuals kept per cell.
  let capacity: Int
  private var ring: ContiguousArray<Float>
  private var sorted: ContiguousArray<Float>
  private var counts: ContiguousArray<Int32>
  private var nextSlots: ContiguousArray<Int32>
  /// Residuals that each cell has room for, at most the capacity.
  private var room: Int
  private static let initialRoom = 32

  /// Empty cells.
  init(cellCount: Int, capacity: Int) {
    precondition(capacity > 0, "a pool of no residuals")
    self.capacity = capacity
    room = min(capacity, Self.initialRoom)
    ring = ContiguousArray(repeating: 0, count: cellCount * room)
    sorted = ring
    counts = ContiguousArray(repeating: 0, count: cellCount)
    nextSlots = counts
  }

  /// Residuals held by a cell.
  @inline(__always)
  func count(_ cell: Int) -> Int { Int(counts[cell]) }

  /// Takes a finite residual, dropping the oldest one of a full cell.
  mutating func insert(_ residual: Float, cell: Int) {
    let slot = Int(nextSlots[cell])
    let count = Int(counts[cell])
    let isFull = count == capacity
    if count == room, !isFull { makeRoom(for: count + 1) }
    let base = cell * room
    let leaving = ring[base + slot]
    ring[base + slot] = residual
    nextSlots[cell] = Int32(slot + 1 == capacity ? 0 : slot + 1)
    if !isFull { counts[cell] = Int32(count + 1) }
    sorted.withUnsafeMutableBufferPointer { all in
      guard let start = all.baseAddress else { return }
      let values = start + base
      if !isFull {
        let entry = Self.lowerBound(values, count, residual)
        (values + entry + 1).update(from: values + entry, count: count - entry)
        values[entry] = residual
        return
      }
      let exit = Self.lowerBound(values, count, leaving)
      if residual > leaving {
        let entry = Self.lowerBound(values, count, residual) - 1
        (values + exit).update(from: values + exit + 1, count: entry - exit)
        values[entry] = residual
      } else {
        let entry = Self.lowerBound(values, count, residual)
        (values + entry + 1).update(from: values + entry, count: exit - entry)
        values[entry] = residual
      }
    }
  }

  private mutating func makeRoom(for count: Int) {
    var larger = room
    while larger < count { larger += max(1, larger / 2) }
    larger = min(larger, capacity)
    ring = moved(ring, to: larger)
    sorted = moved(sorted, to: larger)
    room = larger
  }

  /// Cells that are not full are filled from their first element on, so they can move as they are.
  private func moved(
    _ values: ContiguousArray<Float>, to larger: Int
  ) -> ContiguousArray<Float> {
    var result = ContiguousArray<Float>(repeating: 0, count: counts.count * larger)
    for cell in counts.indices {
      for offset in 0..<Int(counts[cell]) {
        result[cell * larger + offset] = values[cell * room + offset]
      }
    }
    return result
  }

  /// Empties a cell.
  mutating func removeAll(cell: Int) {
    counts[cell] = 0
    nextSlots[cell] = 0
  }

  /// The empirical quantile of a cell with linear interpolation between order statistics
  /// (Hyndman & Fan 1996, definition 7). 0 for an empty cell.
  @inline(__always)
  func quantile(_ level: Double, cell: Int) -> Double {
    let count = Int(counts[cell])
    guard count > 0 else { return 0 }
    let position = level * Double(count - 1)
    let below = Int(position)
    let first = cell * room + below
    let low = Double(sorted[first])
    guard below + 1 < count else { return low }
    return low + (position - Double(below)) * (Double(sorted[first + 1]) - low)
  }

  /// Writes the quantiles of a cell at the expert table's levels.
  ///
  /// - Precondition: the cell is not empty.
  func writeQuantiles(cell: Int, into target: UnsafeMutablePointer<Float>) {
    sorted.withUnsafeBufferPointer { values in
      guard let start = values.baseAddress else { return }
      Forecasting.writeQuantiles(
        of: start + cell * room, count: Int(counts[cell]), into: target)
    }
  }

  /// The first position whose value is not below `value`.
  @inline(__always)
  private static func lowerBound(
    _ values: UnsafeMutablePointer<Float>, _ count: Int, _ value: Float
  ) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if values[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Only what the cells hold is written, not the room that they have.
extension ResidualPool: Codable {
  private struct Content: Codable {
    var capacity: Int
    var counts: ContiguousArray<Int32>
    var nextSlots: ContiguousArray<Int32>
    /// The first `counts[cell]` elements of each cell, cell after cell.
    var ring: [Float] = []
    var sorted: [Float] = []
  }

  func encode(to encoder: any Encoder) throws {
    var content = Content(capacity: capacity, counts: counts, nextSlots: nextSlots)
    for (cell, count) in counts.enumerated() {
      let held = cell * room..<cell * room + Int(count)
      content.ring += ring[held]
      content.sorted += sorted[held]
    }
    try content.encode(to: encoder)
  }

  init(from decoder: any Decoder) throws {
    let content = try Content(from: decoder)
    let total = content.counts.reduce(0) { $0 + Int($1) }
    guard content.capacity > 0, content.counts.allSatisfy({ 0...content.capacity ~= Int($0) }),
      content.nextSlots.count == content.counts.count, content.ring.count == total,
      content.sorted.count == total
    else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "residuals without a place"))
    }
    self.init(cellCount: content.counts.count, capacity: content.capacity)
    makeRoom(for: Int(content.counts.max() ?? 0))
    counts = content.counts
    nextSlots = content.nextSlots
    var place = 0
    for (cell, count) in counts.enumerated() {
      for offset in 0..<Int(count) {
        ring[cell * room + offset] = content.ring[place]
        sorted[cell * room + offset] = content.sorted[place]
        place += 1
      }
    }
  }
}
