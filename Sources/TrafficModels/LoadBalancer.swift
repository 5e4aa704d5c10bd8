// SPDX-License-Identifier: Apache-2.0
import Units

/// The traffic shares of the instances of one service, moving as weights change and sessions end.
///
/// New sessions follow the weights; sessions under way stay where they are and end exponentially
/// (mean length τ), so an instance's share s of the traffic follows `ds/dt = (w(t) − s) / τ`,
/// solved exactly for weights that are constant or move linearly (slow start). Between two events
/// ``shares`` are constant: they hold the *mean* of the exact curve over that step, so that the
/// traffic each instance gets is exact whatever the step.
///
/// Target 0 is the primary: it takes whatever no other target is ordered to take. The shares of
/// all targets and ``lostShare`` always sum to 1; only a healthy target has one.
///
/// Not modelled: a session length that depends on load, clients that ignore a drain.
public struct LoadBalancer: Sendable, Codable {
  /// What the balancer knows of a target.
  public enum Health: String, Sendable, Codable, CaseIterable {
    /// Registered, not yet checked.
    case checking
    /// Answers.
    case healthy
    /// Has failed; the balancer does not know yet and sends it requests that are lost.
    case failed
    /// Taken out.
    case removed
  }

  /// Parameters.
  public let spec: TrafficSpec
  /// Present time of this value.
  public internal(set) var now: SimTime
  /// Shares of traffic that hold until the next event, by target.
  public internal(set) var shares: [Double] = [1]
  /// Share of traffic that is lost until the next event: on failed targets, or for want of any.
  public internal(set) var lostShare = 0.0
  /// Share of traffic, summed over all drains, whose sessions were cut at a drain timeout.
  public internal(set) var cutShare = 0.0

  /// Exact share of the sessions that found no target to go to.
  var homeless = 0.0
  var targets: [Target] = [Target(health: .healthy, share: 1, weight: 1)]
  /// End of the step over which ``shares`` are means; nil when nothing moves.
  var stepEnd: SimTime?

  /// One instance as the balancer sees it.
  struct Target: Sendable, Codable {
    var health: Health
    /// Exact share of the sessions at `now`.
    var share: Double
    /// Share of new sessions at `now`; on its way to `goal`, which it reaches at `goalAt`.
    var weight: Double
    var goal: Double
    var goalAt = SimTime.zero
    /// Ordered share, until it takes effect.
    var ordered: Double?
    var orderedAt = SimTime.zero
    /// When its health changes by itself.
    var healthAt: SimTime?
    /// When the sessions left on it are cut.
    var cutAt: SimTime?
    /// Whether its place may be used for another target, once nothing of this one is left.
    var isGone = false

    init(health: Health, share: Double, weight: Double) {
      self.health = health
      self.share = share
      self.weight = weight
      goal = weight
    }
  }

  /// A balancer with the primary as its only target.
  public init(spec: TrafficSpec, start: SimTime) {
    self.spec = spec
    now = start
  }

  /// Number of places for targets; those of targets that are gone are used again.
  public var targetCount: Int { targets.count }
  /// What the balancer knows of a target.
  public func health(of target: Int) -> Health { targets[target].health }
  /// Share of new sessions that a target gets now.
  public func weight(of target: Int) -> Double { targets[target].weight }
  /// Whether a target has neither new nor old sessions, nor is about to get some.
  public func isDrained(_ target: Int) -> Bool {
    let target = targets[target]
    return target.weight == 0 && target.goal == 0 && target.share == 0
      && (target.ordered ?? 0) == 0
  }

  /// Whether no order to a target waits and its weight is where it was ordered to be.
  public func isSettled(_ target: Int) -> Bool {
    targets[target].ordered == nil && targets[target].goalAt <= now
  }

  /// Registers a new target; it gets no traffic before it is healthy and ordered some.
  ///
  /// - Returns: its number.
  public mutating func addTarget(at time: SimTime) -> Int {
    advance(to: time)
    var place = targets.indices.dropFirst().first {
      targets[$0].isGone && targets[$0].health == .removed && targets[$0].share == 0
    }
    if place == nil {
      place = targets.count
      targets.append(Target(health: .checking, share: 0, weight: 0))
      shares.append(0)
    }
    let target = place ?? 0
    targets[target] = Target(health: .checking, share: 0, weight: 0)
    targets[target].healthAt = now + spec.healthCheckDelay
    handleDue()
    return target
  }

  /// Takes a target out in good order: its sessions begin anew elsewhere at once, and its number
  /// may be given to another one.
  ///
  /// - Precondition: the target exists and is not the primary.
  public mutating func removeTarget(_ target: Int, at time: SimTime) {
    precondition(target > 0 && target < targets.count, "no such target: \(target)")
    advance(to: time)
    targets[target].healthAt = nil
    takeOut(target)
    targets[target].isGone = true
    beginStep()
  }

  /// Orders the balancer to send `share` of new sessions to a target other than the primary.
  ///
  /// It takes effect after the shift time, and not before the target is healthy. Zero drains the
  /// target. Where all orders together exceed 1, the latest one gets what is left. A target that
  /// has failed or been removed takes no orders.
  ///
  /// - Precondition: the target exists and is not the primary; 0 ≤ share ≤ 1.
  public mutating func order(share: Double, of target: Int, at time: SimTime) {
    precondition(target > 0 && target < targets.count, "no such target: \(target)")
    precondition(share >= 0 && share <= 1, "a share lies between 0 and 1, not \(share)")
    advance(to: time)
    guard targets[target].health == .healthy || targets[target].health == .checking else { return }
    targets[target].ordered = share
    targets[target].orderedAt = now + spec.shiftTime
    handleDue()
  }

  /// A target has stopped answering: its share is lost until the balancer notices.
  ///
  /// - Parameters:
  ///   - target: Which.
  ///   - time: When.
  ///   - isGone: Whether it never comes back, so that its number may be given to another one.
  /// - Precondition: the target exists.
  public mutating func fail(_ target: Int, at time: SimTime, isGone: Bool = false) {
    precondition(target >= 0 && target < targets.count, "no such target: \(target)")
    advance(to: time)
    if isGone { targets[target].isGone = true }
    switch targets[target].health {
    case .failed, .removed: return
    case .checking:
      // It never gets into service, so there is nothing to notice.
      targets[target].health = .removed
      targets[target].healthAt = nil
    case .healthy:
      targets[target].health = .failed
      targets[target].healthAt = now + spec.failureDetection
    }
    targets[target].ordered = nil
    handleDue()
    beginStep()
  }

  /// A failed or removed target answers again: it is checked, and the primary then takes back
  /// what is left to it.
  ///
  /// - Precondition: the target exists.
  public mutating func recover(_ target: Int, at time: SimTime) {
    precondition(target >= 0 && target < targets.count, "no such target: \(target)")
    advance(to: time)
    switch targets[target].health {
    case .healthy, .checking: return
    case .failed: takeOut(target)
    case .removed: break
    }
    targets[target].health = .checking
    targets[target].healthAt = now + spec.healthCheckDelay
    handleDue()
    beginStep()
  }

  /// When shares or health change next, nil when everything is settled.
  public func nextEvent() -> SimTime? {
    var next = stepEnd
    func note(_ time: SimTime?) {
      if let time { next = min(next ?? time, time) }
    }
    for target in targets {
      if target.health == .healthy, target.ordered != nil { note(target.orderedAt) }
      note(target.healthAt)
      note(target.cutAt)
    }
    return next
  }

  /// Runs up to `time`, all events up to and including it.
  ///
  /// - Precondition: `time` is not before ``now``.
  public mutating func advance(to time: SimTime) {
    precondition(time >= now, "a balancer cannot run backwards: \(time) is before \(now)")
    while let next = nextEvent(), next <= time {
      move(to: next)
      handleDue()
    }
    move(to: time)
  }
}
