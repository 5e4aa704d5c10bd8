// SPDX-License-Identifier: Apache-2.0

/// When the engine may not issue a column, because its host holds it back: the first `stalled` of
/// every `period` cycles, counted from the cycle in which `start` is given.
public struct StallPattern: Sendable, Equatable {
  /// Length of the pattern, ≥ 1.
  public var period: Int
  /// Stalled cycles in it, 0 ..< period.
  public var stalled: Int

  /// No stalls.
  public static let none = StallPattern(period: 1, stalled: 0)

  /// A pattern.
  ///
  /// - Precondition: 0 ≤ stalled < period.
  public init(period: Int, stalled: Int) {
    precondition(stalled >= 0 && stalled < period, "the engine never runs")
    self.period = period
    self.stalled = stalled
  }

  /// The first cycle ≥ `cycle` that isn't stalled.
  func firstFree(from cycle: Int) -> Int {
    let phase = cycle % period
    return phase < stalled ? cycle + stalled - phase : cycle
  }

  /// The cycle of the `count`-th free one, the one at or after `cycle` being the first.
  func cycle(ofFree count: Int, from cycle: Int) -> Int {
    let first = firstFree(from: cycle)
    let free = period - stalled
    // Position of `first` among the free cycles of its period.
    let position = first % period - stalled + count - 1
    return first - first % period + position / free * period + stalled + position % free
  }
}

extension UnitParallelEngine {
  /// Cycles for sequences of their own lengths with a host that holds the engine back: the general
  /// recursion, pass by pass. A pass begins one bubble after the pass before it ended, and after
  /// the previous step of its own sequence is through the pipeline.
  ///
  /// - Parameters:
  ///   - lengths: steps of each sequence, each ≥ 1.
  ///   - stalls: cycles in which no column is issued.
  /// - Returns: cycles from `start` to the fall of `busy`; one recurrent layer.
  public func cycles(lengths: [Int], stalls: StallPattern = .none) -> Int {
    var ready = [Int](repeating: 0, count: lengths.count)
    var free = 1
    var last = 0
    for step in 0...(lengths.max() ?? 0) {
      for sequence in lengths.indices where step <= lengths[sequence] {
        let columns = step < lengths[sequence] ? passColumns() : headColumns
        let begin = max(free, ready[sequence]) + pipeline.bubble
        last = stalls.cycle(ofFree: columns, from: begin)
        ready[sequence] = last + pipeline.drain
        free = last + 1
      }
    }
    return last + pipeline.headDrain
  }

  /// Cycles of several runs, each with weights of its own, that come through the load port while
  /// the run before computes.
  ///
  /// - Parameters:
  ///   - runs: cycles of each run, from start to the fall of `busy`.
  ///   - loadInterval: cycles between two lines on the port, ≥ 1: what the memory delivers.
  /// - Returns: cycles from the first line to the end of the last run.
  public func doubleBuffered(runs: [Int], loadInterval: Int = 1) -> Int {
    let load = weightLines * loadInterval
    var loaded = 0
    var computed = 0
    for run in runs {
      // The shadow half is free for the next model as soon as the run has taken it over.
      let begin = max(computed, loaded + load)
      loaded = begin
      computed = begin + run
    }
    return computed
  }
}
