// SPDX-License-Identifier: Apache-2.0

// What CloudSim's metrics need of the history of hosts and VMs, kept as running sums instead of
// records: of several records at one instant the last one counts, and it holds until the next one.

/// One VM.
struct VMBook: Sendable {
  private(set) var allocated = 0.0
  private(set) var requested = 0.0
  private(set) var lostToMigration = 0.0
  private(set) var shortfallSum = 0.0
  private(set) var shortfallCount = 0
  private var time = -1.0
  private var allocatedNow = 0.0
  private var requestedNow = 0.0
  private var isMigrating = false

  /// Records what a VM gets and asks for from `time` on.
  @inline(__always)
  mutating func record(
    at now: Double, allocated: Double, requested: Double, isMigrating: Bool
  ) {
    if now > time, time >= 0 {
      let span = now - time
      self.allocated += allocatedNow * span
      self.requested += requestedNow * span
      if allocatedNow < requestedNow {
        shortfallSum += (requestedNow - allocatedNow) / requestedNow
        shortfallCount += 1
        if self.isMigrating { lostToMigration += (requestedNow - allocatedNow) * span }
      }
    }
    time = now
    allocatedNow = allocated
    requestedNow = requested
    self.isMigrating = isMigrating
  }
}

/// One host.
struct HostBook: Sendable {
  private(set) var activeSeconds = 0.0
  private(set) var violatedSeconds = 0.0
  private var time = -1.0
  private var isActive = true
  private var isViolated = false
  /// State of the record before the present one; hosts start as active.
  private var wasActive = true
  private var activeSince = 0.0

  /// Records a host's state from `now` on.
  ///
  /// - Returns: how long the host had been active when the *previous* record switched it off.
  @inline(__always)
  mutating func record(at now: Double, used: Double, requested: Double) -> Double? {
    var ended: Double?
    if now > time {
      if time >= 0 {
        if isActive {
          activeSeconds += now - time
          if isViolated { violatedSeconds += now - time }
        }
        ended = settle()
      }
      time = now
    }
    isActive = used > 0
    isViolated = used < requested
    return ended
  }

  /// Takes the present record as final.
  mutating func settle() -> Double? {
    defer { wasActive = isActive }
    if wasActive, !isActive { return time - activeSince }
    if !wasActive, isActive { activeSince = time }
    return nil
  }

  /// Whether the newest record says that it does nothing.
  var isSettledOff: Bool { time >= 0 && !isActive && !wasActive }
}

/// Durations by owner, in the order in which CloudSim collects them: owner by owner.
struct DurationList: Sendable {
  private var entries: [(owner: Int32, seconds: Double)] = []

  mutating func append(_ seconds: Double, of owner: Int) {
    entries.append((Int32(owner), seconds))
  }

  var count: Int { entries.count }

  /// Mean and deviation; nil without entries.
  ///
  /// The deviation is `√(Σ/(n−1))` with Welford's update *started from the final mean*, as CloudSim
  /// has it.
  func moments() -> (mean: Double, deviation: Double)? {
    guard !entries.isEmpty else { return nil }
    let order = entries.indices.sorted {
      (entries[$0].owner, $0) < (entries[$1].owner, $1)
    }
    var sum = 0.0
    for index in order { sum += entries[index].seconds }
    let mean = sum / Double(entries.count)
    var running = mean
    var squares = 0.0
    for (position, index) in order.enumerated() {
      let value = entries[index].seconds
      let distance = value - running
      running += distance / Double(position + 1)
      squares += distance * (value - running)
    }
    return (mean, (squares / Double(entries.count - 1)).squareRoot())
  }
}
