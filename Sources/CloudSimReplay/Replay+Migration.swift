// SPDX-License-Identifier: Apache-2.0
import ConsolidationParts

// Migrations: all of a round start at its tick and are over before the next one.
extension Replay {
  /// MB/s: half of the target's 1 Gbit/s (1 000 000 kbit/s over 2 · 8000).
  private static let megabytesPerSecond = 62.5

  /// A migration under way.
  struct Move {
    var vm: Int
    var target: Int
    var end: Double
  }

  /// Starts the moves of a plan, in order.
  ///
  /// - Returns: them by the time of their end, and by their start where that is the same.
  mutating func start(_ plan: ConsolidationPlan, at now: Double) -> [Move] {
    let moves = plan.moves.map { move in
      Move(
        vm: move.vm, target: move.target,
        end: now + state.memory[move.vm] / Self.megabytesPerSecond)
    }
    migrations += moves.count
    for move in moves { start(move, at: now) }
    let order = moves.indices.sorted { (moves[$0].end, $0) < (moves[$1].end, $1) }
    return order.map { moves[$0] }
  }

  /// Brings moves to their ends, batch by batch.
  mutating func finish(_ moves: [Move], startedAt start: Double) {
    var first = 0
    while first < moves.count, moves[first].end < Self.endSeconds {
      var next = first
      while next < moves.count, moves[next].end == moves[first].end { next += 1 }
      finishBatch(moves[first..<next], startedAt: start)
      first = next
    }
  }

  private mutating func start(_ move: Move, at now: Double) {
    let vm = move.vm
    let source = Int(hostOfVM[vm])
    if !isMigrating[vm] {
      isMigrating[vm] = true
      movingCount[source] += 1
    }
    if firstTarget[vm] != Int32(move.target), secondTarget[vm] != Int32(move.target) {
      if firstTarget[vm] < 0 {
        firstTarget[vm] = Int32(move.target)
      } else {
        secondTarget[vm] = Int32(move.target)
      }
      movingCount[move.target] += 1
      state.vms[move.target].append(Int32(vm))
      updateHost(move.target, at: now)
      updateHost(source, at: now)
    }
  }

  /// All migrations that end at one instant: update, hand-over one after the other, update again.
  private mutating func finishBatch(_ batch: ArraySlice<Move>, startedAt start: Double) {
    guard let now = batch.first?.end else { return }
    update(at: now, isTick: false)
    var touched: [Int] = []
    for move in batch {
      let vm = move.vm
      let source = Int(hostOfVM[vm])
      remove(vm, from: source)
      remove(vm, from: move.target)
      state.memoryFree[source] += state.memory[vm]
      state.memoryFree[move.target] -= state.memory[vm]
      if firstTarget[vm] == Int32(move.target) { firstTarget[vm] = -1 }
      if secondTarget[vm] == Int32(move.target) { secondTarget[vm] = -1 }
      movingCount[move.target] -= 1
      if isMigrating[vm] {
        isMigrating[vm] = false
        movingCount[source] -= 1
        migrationDurations.append(now - start, of: vm)
      }
      state.vms[move.target].append(Int32(vm))
      hostOfVM[vm] = Int32(move.target)
      touched.append(source)
      touched.append(move.target)
    }
    touched.sort()
    var last = -1
    for host in touched where host != last {
      updateHost(host, at: now)
      last = host
    }
    destroyIdleVMs()
  }

  private mutating func remove(_ vm: Int, from host: Int) {
    if let position = state.vms[host].firstIndex(of: Int32(vm)) {
      state.vms[host].remove(at: position)
    }
  }
}
