// SPDX-License-Identifier: Apache-2.0
import Foundation
import Units

/// Share of the distance to its limit that a share moves in one step.
private let stepFraction = 0.2
/// Distance from its limit below which a share has arrived.
private let arrivalDistance = 0.002
/// Steps in which a slow start rises.
private let rampSteps = 10

extension LoadBalancer {
  /// Lets weights and sessions move to `time`, exactly.
  mutating func move(to time: SimTime) {
    let seconds = (time - now).seconds
    guard seconds > 0 else { return }
    let tau = spec.sessionMean.seconds
    homeless = tau > 0 ? unserved + (homeless - unserved) * exp(-seconds / tau) : unserved
    for index in targets.indices {
      let slope = slope(of: index)
      let before = targets[index].weight
      let arrives = targets[index].goalAt > now && targets[index].goalAt <= time
      let after = arrives ? targets[index].goal : before + slope * seconds
      if tau > 0 {
        let lag = slope * tau
        targets[index].share =
          before + slope * seconds - lag
          + (targets[index].share - before + lag) * exp(-seconds / tau)
      } else {
        targets[index].share = after
      }
      targets[index].weight = after
    }
    now = time
  }

  /// Speed of a target's weight, per second; the primary's mirrors all others.
  private func slope(of index: Int) -> Double {
    guard index > 0 else {
      let others = targets.indices.dropFirst().reduce(0) { $0 + slope(of: $1) }
      return hasPrimary ? -others : 0
    }
    let target = targets[index]
    guard target.goalAt > now else { return 0 }
    return (target.goal - target.weight) / (target.goalAt - now).seconds
  }

  /// Whether the balancer believes in the primary.
  private var hasPrimary: Bool {
    targets[0].health == .healthy || targets[0].health == .failed
  }

  /// Handles everything that is due now, and starts the next step if anything changed.
  mutating func handleDue() {
    var hasChanged = stepEnd.map { $0 <= now } ?? false
    for index in targets.indices {
      if let due = targets[index].healthAt, due <= now {
        targets[index].healthAt = nil
        changeHealth(of: index)
        hasChanged = true
      }
      if let due = targets[index].cutAt, due <= now {
        targets[index].cutAt = nil
        cutShare += targets[index].share
        handOver(sessionsOf: index)
        hasChanged = true
      }
    }
    // What is given up first, then what is taken: orders that take effect together may pass load
    // from one to the other without the sum of all exceeding 1 in between.
    if applyOrders(where: { $0 < $1 }) { hasChanged = true }
    if applyOrders(where: { $0 >= $1 }) { hasChanged = true }
    if hasChanged { beginStep() }
  }

  /// Applies the orders due now of which the order and the present goal answer a question.
  private mutating func applyOrders(where isMeant: (_ order: Double, _ goal: Double) -> Bool)
    -> Bool
  {
    var hasChanged = false
    for index in targets.indices where targets[index].health == .healthy {
      guard let share = targets[index].ordered, targets[index].orderedAt <= now,
        isMeant(share, targets[index].goal)
      else { continue }
      targets[index].ordered = nil
      apply(share, to: index)
      hasChanged = true
    }
    return hasChanged
  }

  private mutating func changeHealth(of index: Int) {
    switch targets[index].health {
    case .checking:
      targets[index].health = .healthy
      if index == 0 { balanceWeights() }
    case .failed:
      takeOut(index)
      targets[index].health = .removed
    case .healthy, .removed: break
    }
  }

  /// Weights move to a newly ordered share.
  private mutating func apply(_ share: Double, to index: Int) {
    let others = targets.indices.dropFirst().reduce(0) { sum, other in
      guard other != index else { return sum }
      return sum + max(targets[other].goal, hasPrimary ? targets[other].weight : 0)
    }
    let goal = min(share, max(0, 1 - others))
    targets[index].goal = goal
    targets[index].cutAt = nil
    // Only a rise is slow: what is drained or taken back gets no new sessions from now on.
    if goal > targets[index].weight, spec.slowStart > .zero, hasPrimary {
      targets[index].goalAt = now + spec.slowStart
    } else {
      targets[index].weight = goal
      targets[index].goalAt = now
    }
    if goal == 0, targets[index].share > 0, spec.sessionMean > .zero {
      targets[index].cutAt = now + spec.drainTimeout
    }
    balanceWeights()
  }

  /// A target gets nothing any more; its sessions begin anew elsewhere.
  mutating func takeOut(_ index: Int) {
    targets[index].weight = 0
    targets[index].goal = 0
    targets[index].goalAt = now
    targets[index].cutAt = nil
    targets[index].ordered = nil
    targets[index].health = .removed
    balanceWeights()
    handOver(sessionsOf: index)
  }

  /// The primary takes what the others leave; without a primary the others share everything in
  /// proportion to their orders.
  private mutating func balanceWeights() {
    let others = targets.indices.dropFirst()
    if !hasPrimary {
      let ordered = others.reduce(0) { $0 + targets[$1].goal }
      targets[0].weight = 0
      for index in others {
        targets[index].weight = ordered > 0 ? targets[index].goal / ordered : 0
        targets[index].goalAt = now
      }
      return
    }
    for index in others where targets[index].goalAt <= now {
      targets[index].weight = targets[index].goal
    }
    targets[0].weight = max(0, 1 - others.reduce(0) { $0 + targets[$1].weight })
  }

  /// Sends the sessions of one target to look for another.
  private mutating func handOver(sessionsOf index: Int) {
    homeless += targets[index].share
    targets[index].share = 0
  }

  /// Spreads sessions without a target over the others by their weights, if there are any.
  private mutating func findHomes() {
    let sum = targets.reduce(0) { $0 + $1.weight }
    guard sum > 0 else { return }
    for index in targets.indices { targets[index].share += homeless * targets[index].weight / sum }
    homeless = 0
  }

  /// Share of new sessions that no target takes: all of them, or none.
  private var unserved: Double { targets.contains { $0.weight > 0 } ? 0 : 1 }

  /// Starts a step: fixes the shares that hold until it ends.
  mutating func beginStep() {
    let tau = spec.sessionMean.seconds
    findHomes()
    var length = SimTime.days(3650)
    var distance = abs(homeless - unserved)
    for target in targets {
      if target.goalAt > now {
        let part = SimTime(nanoseconds: spec.slowStart.nanoseconds / Int64(rampSteps))
        length = min(length, target.goalAt - now, max(part, .milliseconds(1)))
      }
      distance = max(distance, abs(target.share - target.weight))
    }
    if tau > 0, distance > arrivalDistance {
      length = min(length, max(.milliseconds(1), .seconds(-tau * log1p(-stepFraction))))
    } else if tau == 0 || length == .days(3650) {
      arrive()
    }
    let isMoving = length < .days(3650)
    stepEnd = isMoving ? now + length : nil
    holdMeans(over: isMoving ? length.seconds : 0)
  }

  /// Sessions are where the weights want them.
  private mutating func arrive() {
    for index in targets.indices {
      targets[index].share = targets[index].weight
      targets[index].cutAt = nil
    }
    homeless = unserved
  }

  /// Sets the shares to their means over the coming `seconds`.
  private mutating func holdMeans(over seconds: Double) {
    let tau = spec.sessionMean.seconds
    let decayed = tau > 0 && seconds > 0 ? -expm1(-seconds / tau) * tau / seconds : 0
    lostShare = seconds > 0 ? unserved + (homeless - unserved) * decayed : homeless
    for index in targets.indices {
      let target = targets[index]
      var mean = target.share
      if seconds > 0 {
        let slope = slope(of: index)
        let drift = target.weight + slope * seconds / 2
        let lag = slope * tau
        mean = drift - lag + (target.share - target.weight + lag) * decayed
      }
      mean = min(1, max(0, mean))
      shares[index] = target.health == .healthy ? mean : 0
      if target.health != .healthy { lostShare += mean }
    }
  }
}
