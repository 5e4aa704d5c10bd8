// SPDX-License-Identifier: Apache-2.0
import Facility
import Testing
import Units

/// Decimal figures: only rounding separates them.
private let roundingTolerance = 1e-12

@Suite("From the meter to the rack")
struct DistributionTests {
  /// OpenDC's tests of its former models: 100 W through a square-law PDU and a proportional UPS.
  @Test("PDU and UPS meet OpenDC's test points")
  func publishedPoints() {
    let pdu = LossStage(idle: Watts(1.5), squarePerWatt: 0.015)
    #expect(abs(pdu.input(for: Watts(100)).value - 251.5) < roundingTolerance * 251.5)
    let ups = LossStage(idle: Watts(4), proportional: 0.05)
    #expect(abs(ups.input(for: Watts(100)).value - 109) < roundingTolerance * 109)
  }

  /// Two modules: 2·1.5 + 0.015·100²/2 = 78 W.
  @Test("modules share the load")
  func modules() {
    let stage = LossStage(idle: Watts(1.5), squarePerWatt: 0.015, modules: 2)
    #expect(stage.loss(at: Watts(100)) == Watts(78))
    #expect(Redundancy.none.modules(needed: 3) == 3)
    #expect(Redundancy.nPlusOne.modules(needed: 3) == 4)
    #expect(Redundancy.twoN.modules(needed: 3) == 6)
    // Data-sheet shares of a 10 kW stage: 1 % idle, 2 % square at full load.
    let sized = RelativeLosses(idle: 0.01, proportional: 0, square: 0.02)
      .stage(rating: Watts(10_000), modules: 1)
    #expect(abs(sized.loss(at: Watts(10_000)).value - 300) < roundingTolerance * 300)
  }

  @Test("losses do not fall with load")
  func lossesMonotone() {
    let stage = LossStage(idle: Watts(3), proportional: 0.02, squarePerWatt: 1e-5, modules: 3)
    var last = Watts(-1)
    for load in stride(from: 0.0, through: 20_000, by: 100) {
      #expect(stage.loss(at: Watts(load)) > last)
      last = stage.loss(at: Watts(load))
    }
  }

  /// From cold `t = τ·ln(r²/(r² − 1))`: 115.07 s at twice the rating with 400 s.
  @Test(
    "a breaker trips by its inverse-time curve",
    arguments: [(1.1, 700.507), (1.35, 318.246), (2, 115.073), (4, 25.815)])
  func breaker(multiple: Double, seconds: Double) throws {
    let breaker = Breaker(rating: Watts(1000))
    let found = try #require(
      breaker.secondsToTrip(from: 0, load: Watts(1000 * multiple)))
    #expect(abs(found - seconds) < 0.001)
    // It is warm exactly then, however the way there is divided.
    var warmth = 0.0
    for part in [0.1, 0.2, 0.3, 0.4] {
      warmth = breaker.warmed(warmth, load: Watts(1000 * multiple), seconds: found * part)
    }
    #expect(abs(warmth - 1) < roundingTolerance * 10)
  }

  @Test("a breaker bears its rating, remembers an overload, and trips at once on a short")
  func breakerMemory() throws {
    let breaker = Breaker(rating: Watts(1000))
    #expect(breaker.secondsToTrip(from: 0, load: Watts(1000)) == nil)
    #expect(breaker.secondsToTrip(from: 0, load: Watts(8000)) == 0)
    let warm = breaker.warmed(0, load: Watts(1500), seconds: 100)
    let fromCold = try #require(breaker.secondsToTrip(from: 0, load: Watts(1500)))
    let fromWarm = try #require(breaker.secondsToTrip(from: warm, load: Watts(1500)))
    #expect(abs(fromWarm - (fromCold - 100)) < 1e-9)
    var last = Double.infinity
    for percent in stride(from: 101, through: 799, by: 3) {
      let load = Watts(10 * Double(percent))
      let time = try #require(breaker.secondsToTrip(from: 0, load: load))
      #expect(time < last)
      last = time
    }
  }

  /// 9.5 kWh at 95 %: 34.2e6·0.95/10 000 = 3 249 s; full again after the lost energy at 95 %.
  @Test("a battery carries what it holds")
  func battery() {
    let battery = Battery(capacity: Joules(34.2e6), chargePower: Watts(1000))
    #expect(
      abs(battery.secondsToEmpty(stored: battery.capacity, load: Watts(10_000)) - 3249) < 1e-9)
    #expect(abs(battery.secondsToFull(stored: .zero) - 36_000) < 1e-9)
    #expect(battery.secondsToFull(stored: battery.capacity) == 0)
  }

  @Test("a rack cap cuts the greedy, spares the modest and is met")
  func rackCap() {
    let cap = RackPowerCap(budget: Watts(1000))
    let idle = [100.0, 100, 100]
    #expect(cap.shares(wanted: [300, 300, 300], idle: idle) == [300, 300, 300])
    #expect(cap.shares(wanted: [150, 500, 700], idle: idle) == [150, 425, 425])
    let cut = cap.shares(wanted: [400, 400, 400], idle: idle)
    #expect(abs(cut.reduce(0, +) - 1000) < roundingTolerance * 1000)
    #expect(
      RackPowerCap(budget: Watts(10)).shares(wanted: [400, 400], idle: [90, 80]) == [90, 80])
  }

  @Test(
    "no rack cap is ever exceeded, and none is left unused",
    arguments: 1...50 as ClosedRange<UInt64>)
  func rackCapProperty(seed: UInt64) {
    var random = TestRandom(seed: seed)
    let count = 1 + Int(random.next() % 20)
    let idle = (0..<count).map { _ in random.number(in: 50...150) }
    let wanted = idle.map { $0 + random.number(in: 0...400) }
    let budget = random.number(in: 0.5...1.5) * wanted.reduce(0, +)
    let shares = RackPowerCap(budget: Watts(budget)).shares(wanted: wanted, idle: idle)
    let floor = idle.reduce(0, +)
    let total = shares.reduce(0, +)
    let target = max(floor, min(budget, wanted.reduce(0, +)))
    #expect(abs(total - target) < 1e-9 * target)
    for i in 0..<count {
      #expect(shares[i] >= idle[i] && shares[i] <= wanted[i] + 1e-9)
    }
  }

  /// SimGrid's rules with six steps.
  @Test("governors choose SimGrid's steps")
  func governors() {
    let six = FrequencySteps().speeds
    let ondemand = DVFSGovernor.ondemand(threshold: 0.8)
    #expect(ondemand.next(current: 3, load: 0.81, speeds: six) == 0)
    #expect(ondemand.next(current: 0, load: 0, speeds: six) == 5)
    #expect(ondemand.next(current: 0, load: 0.5, speeds: six) == 2)
    let conservative = DVFSGovernor.conservative(up: 0.8, down: 0.2)
    #expect(conservative.next(current: 3, load: 0.9, speeds: six) == 2)
    #expect(conservative.next(current: 3, load: 0.5, speeds: six) == 3)
    #expect(conservative.next(current: 5, load: 0.1, speeds: six) == 5)
    // 1.25 times 0.9 of 0.7 is 0.7875: 0.8 is the slowest step that is enough.
    let schedutil = DVFSGovernor.schedutil(headroom: 1.25)
    #expect(schedutil.next(current: 3, load: 0.9, speeds: six) == 2)
    #expect(schedutil.next(current: 2, load: 1, speeds: six) == 0)
    #expect(schedutil.next(current: 0, load: 0.72, speeds: six) == 1)
    #expect(schedutil.next(current: 0, load: 0.1, speeds: six) == 5)
    #expect(DVFSGovernor.performance.next(current: 3, load: 0, speeds: six) == 0)
    #expect(DVFSGovernor.powersave.next(current: 0, load: 1, speeds: six) == 5)
  }

  /// 55 + (469 − 55)·0.5³ = 106.75 W at half the frequency under the cube law.
  @Test("a slower step saves by the power law, never more than idle power remains")
  func frequencySteps() throws {
    let server = try #require(ServerCatalog.model(named: "dell-r640-2021"))
    let steps = FrequencySteps(speeds: [1, 0.5], exponent: 3)
    #expect(steps.power(server.curve, step: 0, utilisation: 1) == Watts(469))
    #expect(abs(steps.power(server.curve, step: 1, utilisation: 1).value - 106.75) < 1e-9)
    #expect(steps.power(server.curve, step: 1, utilisation: 0) == Watts(55))
    #expect(server.curve.utilisation(within: Watts(232)) == 0.5)
  }
}
