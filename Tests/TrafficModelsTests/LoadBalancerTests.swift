// SPDX-License-Identifier: Apache-2.0
import Foundation
import SimulationKernel
import Testing
import TrafficModels
import Units

/// Times are whole nanoseconds and shares doubles; the rest is exact.
private let exact = 1e-9

extension TrafficSpec {
  /// No delays at all; tests set what they look at.
  fileprivate static var immediate: TrafficSpec {
    var spec = TrafficSpec()
    spec.shiftTime = .zero
    spec.healthCheckDelay = .zero
    spec.failureDetection = .zero
    return spec
  }
}

/// Runs to `end` and integrates the share of one target, in share-seconds.
private func integrate(_ balancer: inout LoadBalancer, target: Int, until end: SimTime) -> Double {
  var sum = 0.0
  while balancer.now < end {
    let next = min(end, balancer.nextEvent() ?? end)
    let share = balancer.shares[target]
    sum += share * (next - balancer.now).seconds
    balancer.advance(to: next)
  }
  return sum
}

@Suite("Load balancer")
struct LoadBalancerTests {
  @Test("an order takes effect after health check and shift time, in one step without sessions")
  func step() {
    var spec = TrafficSpec.immediate
    spec.shiftTime = .seconds(5)
    spec.healthCheckDelay = .seconds(8)
    var balancer = LoadBalancer(spec: spec, start: .seconds(100))
    let shadow = balancer.addTarget(at: .seconds(100))
    balancer.order(share: 0.4, of: shadow, at: .seconds(101))
    balancer.advance(to: .seconds(107.9))
    #expect(balancer.shares == [1, 0])
    balancer.advance(to: .seconds(108))
    #expect(balancer.health(of: shadow) == .healthy)
    #expect(abs(balancer.shares[shadow] - 0.4) < exact)
    #expect(balancer.nextEvent() == nil)
    balancer.order(share: 0, of: shadow, at: .seconds(120))
    balancer.advance(to: .seconds(125))
    #expect(balancer.shares == [1, 0])
    #expect(balancer.isDrained(shadow))
  }

  @Test("orders that take effect together pass load on whatever their order", arguments: [0, 1])
  func together(first: Int) {
    var spec = TrafficSpec.immediate
    spec.shiftTime = .seconds(5)
    var balancer = LoadBalancer(spec: spec, start: .zero)
    let targets = (0..<4).map { _ in balancer.addTarget(at: .zero) }
    for target in targets { balancer.order(share: 0.2, of: target, at: .zero) }
    balancer.advance(to: .seconds(10))
    // Two of four are drained; the other two and the primary take a third each.
    for target in targets[(2 * first)..<(2 * first + 2)] {
      balancer.order(share: 0, of: target, at: .seconds(10))
    }
    for target in targets[(2 - 2 * first)..<(4 - 2 * first)] {
      balancer.order(share: 1.0 / 3, of: target, at: .seconds(10))
    }
    balancer.advance(to: .seconds(15))
    #expect(balancer.shares.count { abs($0 - 1.0 / 3) < exact } == 3)
    #expect(balancer.shares.count { $0 == 0 } == 2)
  }

  @Test("sessions end exponentially: the shadow gets w (T - tau (1 - e^(-T/tau)))")
  func affinity() {
    var spec = TrafficSpec.immediate
    spec.sessionMean = .seconds(60)
    var balancer = LoadBalancer(spec: spec, start: .zero)
    let shadow = balancer.addTarget(at: .zero)
    balancer.order(share: 0.5, of: shadow, at: .zero)
    // An event of the balancer ends the horizon, because shares are means over whole steps.
    var end = SimTime.zero
    for _ in 0..<7 {
      let next = balancer.nextEvent()
      end = next ?? end
      balancer.advance(to: end)
    }
    var again = LoadBalancer(spec: spec, start: .zero)
    _ = again.addTarget(at: .zero)
    again.order(share: 0.5, of: shadow, at: .zero)
    let found = integrate(&again, target: shadow, until: end)
    let time = end.seconds
    #expect(time > 60)
    #expect(abs(found - 0.5 * (time - 60 * (1 - exp(-time / 60)))) < exact * time)
  }

  @Test("slow start: a linear rise gives half the traffic of a step meanwhile")
  func slowStart() {
    var spec = TrafficSpec.immediate
    spec.slowStart = .seconds(90)
    var balancer = LoadBalancer(spec: spec, start: .zero)
    let shadow = balancer.addTarget(at: .zero)
    balancer.order(share: 0.6, of: shadow, at: .zero)
    let found = integrate(&balancer, target: shadow, until: .seconds(90))
    #expect(abs(found - 0.6 * 90 / 2) < 90 * exact)
    #expect(abs(balancer.shares[shadow] - 0.6) < exact)
    #expect(balancer.nextEvent() == nil)
  }

  @Test("a drain cuts at its timeout what is left then: w e^(-t/tau)")
  func drainTimeout() {
    var spec = TrafficSpec.immediate
    spec.sessionMean = .seconds(100)
    spec.drainTimeout = .seconds(150)
    var balancer = LoadBalancer(spec: spec, start: .zero)
    let shadow = balancer.addTarget(at: .zero)
    balancer.order(share: 1, of: shadow, at: .zero)
    balancer.advance(to: .hours(1))
    #expect(balancer.shares == [0, 1])
    balancer.order(share: 0, of: shadow, at: .hours(1))
    balancer.advance(to: .hours(1) + .seconds(149))
    #expect(balancer.shares[shadow] > 0.2)
    #expect(!balancer.isDrained(shadow))
    balancer.advance(to: .hours(1) + .seconds(150))
    #expect(balancer.isDrained(shadow))
    #expect(abs(balancer.cutShare - exp(-1.5)) < 1e-6)
    #expect(balancer.shares[shadow] == 0)
  }

  @Test("a failed target loses its share until it is noticed; then the others take it")
  func failure() {
    var spec = TrafficSpec.immediate
    spec.failureDetection = .seconds(30)
    var balancer = LoadBalancer(spec: spec, start: .zero)
    let shadow = balancer.addTarget(at: .zero)
    balancer.order(share: 0.25, of: shadow, at: .zero)
    balancer.fail(0, at: .seconds(10))
    #expect(balancer.shares[0] == 0)
    #expect(abs(balancer.lostShare - 0.75) < exact)
    balancer.advance(to: .seconds(40))
    #expect(balancer.lostShare == 0)
    #expect(abs(balancer.shares[shadow] - 1) < exact)
    balancer.recover(0, at: .seconds(60))
    #expect(abs(balancer.shares[0] - 0.75) < exact)
    #expect(abs(balancer.shares[shadow] - 0.25) < exact)
  }

  @Test("when nobody is left everything is lost, until the primary is back")
  func noneLeft() {
    var balancer = LoadBalancer(spec: .immediate, start: .zero)
    balancer.fail(0, at: .seconds(1))
    balancer.advance(to: .seconds(5))
    #expect(balancer.shares == [0])
    #expect(balancer.lostShare == 1)
    balancer.recover(0, at: .seconds(9))
    #expect(balancer.shares == [1])
    #expect(balancer.lostShare == 0)
  }

  @Test(
    "after any history shares and losses sum to 1 and only healthy targets get traffic",
    arguments: 0..<40 as Range<UInt64>)
  func history(seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: "balancer")
    var spec = TrafficSpec()
    spec.sessionMean = random.bernoulli(0.5) ? .seconds(random.exponential(mean: 60)) : .zero
    spec.slowStart = random.bernoulli(0.5) ? .seconds(random.exponential(mean: 60)) : .zero
    spec.drainTimeout = .seconds(random.exponential(mean: 100))
    var balancer = LoadBalancer(spec: spec, start: .zero)
    var worst = 0.0
    var unhealthyShare = 0.0
    for _ in 0..<200 {
      let now = balancer.now + .seconds(random.exponential(mean: 10))
      let target = random.integer(below: balancer.targetCount)
      switch random.integer(below: 6) {
      case 0 where balancer.targetCount < 6: _ = balancer.addTarget(at: now)
      case 1, 2:
        let share = random.bernoulli(0.3) ? 0 : random.uniform()
        if target > 0 { balancer.order(share: share, of: target, at: now) }
      case 3: balancer.fail(target, at: now)
      case 4: balancer.recover(target, at: now)
      default: balancer.advance(to: now)
      }
      let sum = balancer.shares.reduce(0, +) + balancer.lostShare
      worst = max(worst, abs(sum - 1))
      for target in 0..<balancer.targetCount where balancer.health(of: target) != .healthy {
        unhealthyShare += balancer.shares[target]
      }
      if let next = balancer.nextEvent() { #expect(next > balancer.now, "seed \(seed)") }
    }
    #expect(worst < exact, "seed \(seed)")
    #expect(unhealthyShare == 0, "seed \(seed)")
  }
}
