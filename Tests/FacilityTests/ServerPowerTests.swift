// SPDX-License-Identifier: Apache-2.0
import Facility
import Testing
import Units

/// The figures are sums and products of decimal numbers: only rounding separates them.
private let roundingTolerance = 1e-12

@Suite("Power of a server")
struct ServerPowerTests {
  /// Eleven-point tables: published points and values between them (CloudSim's SPECpower models).
  @Test(
    "a SPECpower table is met at its points and linear between them",
    arguments: [
      ("hp-proliant-ml110-g5", 0.0, 93.7), ("hp-proliant-ml110-g5", 0.25, 103),
      ("hp-proliant-ml110-g5", 1, 135), ("hp-proliant-ml110-g4", 0.555, 104.2),
      ("ibm-x3550-x5670", 0.05, 86.5), ("ibm-x3550-x5670", 0.7, 191), ("dell-r640-2021", 1, 469),
      ("dell-r640-2021", 0.95, 445), ("lenovo-sr665-2021", 0.9, 382),
    ])
  func table(name: String, utilisation: Double, watts: Double) throws {
    let model = try #require(ServerCatalog.model(named: name))
    let power = model.curve.power(at: utilisation).value
    #expect(abs(power - watts) <= roundingTolerance * watts)
  }

  /// SimGrid's table for 100:120:200 W and four cores, and its half-core VM (120 + 80/8 = 130 W).
  @Test(
    "the core-based curve reproduces SimGrid's table",
    arguments: [(0.0, 100.0), (1, 140), (2, 160), (3, 180), (4, 200), (0.5, 130)])
  func coreBased(cores: Double, watts: Double) {
    let curve = ServerPowerCurve.coreBased(
      idle: Watts(100), epsilon: Watts(120), allCores: Watts(200))
    #expect(abs(curve.power(at: cores / 4).value - watts) <= roundingTolerance * watts)
  }

  /// SimGrid 3.32's host-energy run, phase by phase, and the power-off state between.
  @Test("a day in the life of SimGrid's host costs 12 400 J")
  func simGridTimeline() {
    let server = ServerModel(
      name: "simgrid", about: "", cores: Cores(4), memory: .gibibytes(1),
      curve: .coreBased(idle: Watts(100), epsilon: Watts(120), allCores: Watts(200)),
      offPower: Watts(10))
    let phases: [(ServerPowerState, Double, Double, Double)] = [
      (.on, 0, 10, 1000), (.on, 0.25, 10, 1400), (.on, 0.5, 10, 1600), (.on, 1, 10, 2000),
      (.on, 1, 20, 4000), (.on, 0, 10, 1000), (.off, 0, 10, 100), (.on, 0.125, 10, 1300),
    ]
    var total = Joules.zero
    for (state, utilisation, seconds, joules) in phases {
      let energy = server.power(in: state, utilisation: utilisation) * .seconds(seconds)
      #expect(abs(energy.value - joules) <= roundingTolerance * joules)
      total += energy
    }
    #expect(abs(total.value - 12_400) <= roundingTolerance * 12_400)
  }

  static let parametric: [(ServerPowerCurve, Double, Double)] = [
    (.linear(idle: Watts(200), max: Watts(350)), 0.5, 275),
    (.squareRoot(idle: Watts(200), max: Watts(350)), 0.25, 275),
    (.square(idle: Watts(200), max: Watts(350)), 0.5, 237.5),
    (.cubic(idle: Watts(200), max: Watts(350)), 0.5, 218.75),
    (.meanSquareError(idle: Watts(200), max: Watts(350), exponent: 1.5), 0.25, 256.25),
    (.asymptotic(idle: Watts(200), max: Watts(350), knee: 1, dvfs: false), 0, 200),
    (.constant(Watts(350)), 0.3, 350),
  ]

  /// Closed forms worked by hand, e.g. 200 + 150·(2/4 − 0.25^1.5 = 1/8) = 256.25 W.
  @Test("each parametric curve has its closed form", arguments: parametric.indices)
  func closedForm(index: Int) {
    let (curve, utilisation, watts) = Self.parametric[index]
    #expect(abs(curve.power(at: utilisation).value - watts) <= roundingTolerance * watts)
  }

  @Test("no curve falls with load, and loads outside 0…1 are clamped")
  func monotone() {
    let curves = ServerCatalog.all.map(\.curve) + Self.parametric.map(\.0)
    for curve in curves {
      #expect(curve.defect == nil)
      #expect(curve.power(at: -1) == curve.idlePower)
      #expect(curve.power(at: 2) == curve.peakPower)
      #expect(curve.power(at: .nan) == curve.idlePower)
    }
    let falling = ServerPowerCurve.linear(idle: Watts(300), max: Watts(200))
    #expect(falling.defect != nil)
  }

  @Test("the inverse finds the load that a power limit allows")
  func inverse() throws {
    let model = try #require(ServerCatalog.model(named: "ibm-x3550-x5670"))
    for percent in stride(from: 1, through: 100, by: 7) {
      let load = Double(percent) / 100
      let found = model.curve.utilisation(within: model.curve.power(at: load))
      #expect(abs(found - load) <= roundingTolerance)
    }
    #expect(model.curve.utilisation(within: Watts(10)) == 0)
    #expect(model.curve.utilisation(within: Watts(1000)) == 1)
  }

  @Test("states lead to each other and draw their own power")
  func states() throws {
    let model = try #require(ServerCatalog.model(named: "dell-r640-2021"))
    #expect(ServerPowerState.booting.next == .on)
    #expect(ServerPowerState.shuttingDown.next == .off)
    #expect(ServerPowerState.suspending.next == .asleep)
    #expect(model.duration(of: .booting) == model.bootTime)
    #expect(model.duration(of: .on) == nil)
    #expect(model.power(in: .booting, utilisation: 0) == Watts(469))
    #expect(model.power(in: .off, utilisation: 0) == Watts(8))
    // 100 s asleep at 9.75 W are 975 J.
    let sleeper = ServerModel(
      name: "s", about: "", cores: Cores(1), memory: .gibibytes(1), curve: .constant(Watts(100)),
      sleepPower: Watts(9.75))
    #expect(sleeper.power(in: .asleep, utilisation: 0) * .seconds(100) == Joules(975))
  }

  @Test("catalogue names are unique and the default is one of them")
  func catalogue() {
    let names = ServerCatalog.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.contains(ServerCatalog.defaultName))
    var source = DefaultParameters()
    #expect(ServerSpec(from: &source).model == ServerCatalog.model(named: "dell-r640-2021"))
  }
}
