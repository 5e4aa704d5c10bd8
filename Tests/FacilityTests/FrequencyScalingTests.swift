// SPDX-License-Identifier: Apache-2.0
import Facility
import Testing
import Units

private let governors: [DVFSGovernor] = [
  .performance, .powersave, .ondemand(threshold: 0.8), .conservative(up: 0.8, down: 0.2),
  .schedutil(headroom: 1.25),
]

@Suite("Frequency scaling")
struct FrequencyScalingTests {
  @Test("a governor comes to rest, or takes the fastest step of its round", arguments: governors)
  func rests(governor: DVFSGovernor) {
    var random = TestRandom(seed: 5)
    for _ in 0..<500 {
      var speeds = [1.0]
      for _ in 0..<Int(random.next() % 8) {
        speeds.append((speeds.last ?? 1) * random.number(in: 0.5...0.95))
      }
      let scaling = FrequencyScaling(
        governor: governor, steps: FrequencySteps(speeds: speeds, exponent: 2))
      let wanted = random.number(in: 0...1)
      let start = Int(random.next() % UInt64(speeds.count))
      let step = scaling.settled(from: start, wanted: wanted)
      // Asked again with the same load it stays: results don't depend on how often it is asked.
      #expect(scaling.settled(from: step, wanted: wanted) == step)
      let next = governor.next(
        current: step, load: min(1, wanted / speeds[step]), speeds: speeds)
      #expect(next >= step, "\(governor) rests on a step although it asks for a faster one")
    }
  }

  @Test("steps are equally far apart, from the highest clock to the slowest", arguments: 1...9)
  func steps(count: Int) {
    let speeds = FrequencySteps(count: count, slowest: 0.4, exponent: 2).speeds
    #expect(speeds.count == count && speeds[0] == 1)
    #expect(count == 1 || abs(speeds[count - 1] - 0.4) < 1e-15)
    for (fast, slow) in zip(speeds, speeds.dropFirst()) {
      #expect(abs(fast - slow - 0.6 / Double(count - 1)) < 1e-15)
    }
  }

  @Test("schedutil always leaves its headroom, or runs at full speed")
  func headroom() {
    let scaling = FrequencyScaling(governor: .schedutil(headroom: 1.25))
    for percent in 0...100 {
      let wanted = Double(percent) / 100
      let step = scaling.settled(from: 3, wanted: wanted)
      let speed = scaling.steps.speeds[step]
      #expect(speed == 1 || speed >= 1.25 * wanted * (1 - 1e-12))
      // No slower step would do.
      if step + 1 < scaling.steps.speeds.count {
        #expect(scaling.steps.speeds[step + 1] < 1.25 * wanted)
      }
    }
  }

  /// The same work at a slower step never draws more, for any curve without falling power: a server
  /// that is not proportional in its load is no exception, because idle power stays.
  @Test("power at a step lies between idle power and the curve's at that use")
  func bounds() {
    for model in ServerCatalog.all {
      for exponent in [0.0, 1, 2.4, 3] {
        let steps = FrequencySteps(exponent: exponent)
        for step in steps.speeds.indices {
          for percent in stride(from: 0.0, through: 1, by: 0.05) {
            let power = steps.power(model.curve, step: step, utilisation: percent)
            #expect(power >= model.curve.idlePower)
            #expect(power.value <= model.curve.power(at: percent).value * (1 + 1e-15))
          }
        }
      }
    }
  }

  /// SimGrid gives each pstate its `idle:epsilon:all` watts; with all three idle + (P − idle)·s^α
  /// its rule `epsilon + (all − epsilon)·load` gives ours.
  @Test("at every step power grows with use, and no slower step draws more for the same use")
  func monotone() throws {
    let steps = FrequencySteps()
    for model in ServerCatalog.all {
      for step in steps.speeds.indices {
        var last = -1.0
        for percent in 0...100 {
          let use = Double(percent) / 100
          let power = steps.power(model.curve, step: step, utilisation: use)
          #expect(power.value >= last)
          if step > 0 {
            #expect(power <= steps.power(model.curve, step: step - 1, utilisation: use))
          }
          // What a limit allows is the use that it came from.
          let allowed = steps.utilisation(model.curve, step: step, within: power)
          #expect(
            abs(steps.power(model.curve, step: step, utilisation: allowed).value - power.value)
              < 1e-9)
          last = power.value
        }
      }
    }
  }

  @Test("with SimGrid's core-based curve, a step is one of SimGrid's pstates")
  func simGridStates() {
    let curve = ServerPowerCurve.coreBased(
      idle: Watts(100), epsilon: Watts(120), allCores: Watts(200))
    let steps = FrequencySteps(speeds: [1, 0.5], exponent: 2)
    // Pstate 1: 100:105:125 W, half the speed.
    for cores in 1...4 {
      let load = Double(cores) / 4
      let simGrid = 105 + (125 - 105) * load
      #expect(abs(steps.power(curve, step: 1, utilisation: load).value - simGrid) < 1e-12)
    }
    #expect(steps.power(curve, step: 1, utilisation: 0) == Watts(100))
  }
}
