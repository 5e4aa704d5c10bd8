// SPDX-License-Identifier: Apache-2.0
import CGSL
import Facility
import Testing
import Units

/// GSL's exponential (Padé with scaling) loses a few digits of its own.
private let exponentialTolerance = 1e-9
/// Temperatures of tens of kelvins, exact to rounding.
private let temperatureTolerance = 1e-10

/// A room for tests: everything at random within what rooms have.
private struct RandomRoom {
  let network: AirNetwork
  let rackHeat: [Double]
  let roomHeat: Double
  let start: [Double]
  let shares: [[Double]]

  init(seed: UInt64, racks n: Int, density: Double = 1, wall: Double = 0) {
    var random = TestRandom(seed: seed)
    let flow = (0..<n).map { _ in random.number(in: 200...900) }
    let raw = (0..<n).map { _ in
      (0..<n).map { _ in
        random.number(in: 0...1) < density ? random.number(in: 0...0.6 / Double(n)) : 0
      }
    }
    shares = raw
    network = AirNetwork(
      rackHeatCapacity: (0..<n).map { _ in random.number(in: 5e4...4e5) },
      roomHeatCapacity: Double(n) * random.number(in: 2e4...9e4),
      supplyHeatCapacity: Double(n) * random.number(in: 1e4...9e4), designFlow: flow,
      recirculation: RecirculationFlows(rackCount: n) { i, j in raw[i][j] * min(flow[i], flow[j]) },
      caseConductance: random.number(in: 0...20), envelopeConductance: wall,
      plenumConductance: random.number(in: 0...40))
    rackHeat = (0..<n).map { _ in random.number(in: 0...8000) }
    roomHeat = random.number(in: 0...2000)
    start = (0...n + 1).map { _ in random.number(in: 15...40) }
  }

  func course(_ law: SupplyLaw) -> ThermalCourse {
    ThermalCourse(
      network: network, law: law, rackHeat: rackHeat, roomHeat: roomHeat, outdoor: 5, start: start)
  }

  /// `L` and `c` written down from the equations in ``AirNetwork``, as a slow, obvious reference.
  func equations(offset: Double, slope: Double, delivered: Double) -> ([[Double]], [Double]) {
    let n = network.rackCount
    let g = network.caseConductance
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: n + 2), count: n + 2)
    var constant = [Double](repeating: 0, count: n + 2)
    var need = 0.0
    for j in 0..<n {
      let c = network.rackHeatCapacity[j]
      var supply = network.designFlow[j]
      for i in 0..<n {
        let flow = shares[i][j] * min(network.designFlow[i], network.designFlow[j])
        matrix[j][i] += flow / c
        supply -= flow
      }
      matrix[j][j] -= (network.designFlow[j] + g) / c
      matrix[j][n] += g / c
      matrix[j][n + 1] += supply / c
      constant[j] = rackHeat[j] / c
      need += supply
    }
    let stream = delivered * need
    let a = network.plenumConductance
    matrix[n + 1][n] = (stream * slope + need - stream + a) / network.supplyHeatCapacity
    matrix[n + 1][n + 1] = -(need + a) / network.supplyHeatCapacity
    constant[n + 1] = stream * offset / network.supplyHeatCapacity
    let c = network.roomHeatCapacity
    for i in 0..<n {
      var back = network.designFlow[i]
      for j in 0..<n { back -= shares[i][j] * min(network.designFlow[i], network.designFlow[j]) }
      matrix[n][i] += (back + g) / c
      matrix[n][n] -= (back + g) / c
    }
    matrix[n][n] -= (network.envelopeConductance + a) / c
    matrix[n][n + 1] += a / c
    constant[n] = (roomHeat + network.envelopeConductance * 5) / c
    return (matrix, constant)
  }
}

/// `x(t)` by GSL's matrix exponential of the equations with the constant as one more state.
private func referenceState(
  _ equations: ([[Double]], [Double]), start: [Double], seconds: Double
) -> [Double] {
  let n = start.count
  let matrix = gsl_matrix_calloc(n + 1, n + 1)
  let exponential = gsl_matrix_calloc(n + 1, n + 1)
  defer {
    gsl_matrix_free(matrix)
    gsl_matrix_free(exponential)
  }
  for i in 0..<n {
    for j in 0..<n { gsl_matrix_set(matrix, i, j, equations.0[i][j] * seconds) }
    gsl_matrix_set(matrix, i, n, equations.1[i] * seconds)
  }
  gsl_linalg_exponential_ss(matrix, exponential, 0)
  return (0..<n).map { i in
    (0..<n).reduce(gsl_matrix_get(exponential, i, n)) {
      $0 + gsl_matrix_get(exponential, i, $1) * start[$1]
    }
  }
}

@Suite("Heat in a room")
struct ThermalNetworkTests {
  static let laws: [SupplyLaw] = [
    .ducted(offset: 20, slope: 0, delivered: 1), .ducted(offset: 20, slope: 0, delivered: 0.7),
    .ducted(offset: -6, slope: 1, delivered: 1), .ducted(offset: -3, slope: 0.8, delivered: 0.9),
    .ducted(offset: 0, slope: 1, delivered: 0),
  ]

  @Test(
    "temperatures are those of GSL's matrix exponential",
    arguments: laws.indices, [1.0, 37, 240])
  func matrixExponential(law index: Int, seconds: Double) {
    for seed in 1...5 as ClosedRange<UInt64> {
      let room = RandomRoom(seed: seed, racks: Int(seed) * 3, wall: Double(seed) * 20)
      guard case .ducted(let offset, let slope, let delivered) = Self.laws[index] else { return }
      let expected = referenceState(
        room.equations(offset: offset, slope: slope, delivered: delivered), start: room.start,
        seconds: seconds)
      var course = room.course(Self.laws[index])
      course.trajectory.extend(to: seconds)
      let found = course.trajectory.state(course.trajectory.weights(at: seconds))
      for (a, b) in zip(found, expected) {
        #expect(abs(a - b) < exponentialTolerance, "seed \(seed)")
      }
    }
  }

  /// One rack that breathes supply air only: `T(t) = T∞ + (T₀ − T∞)·e^{−t/τ}`, `τ = C/K`.
  @Test("a single rack follows the closed form", arguments: [0.0, 10, 100, 333, 600])
  func closedForm(seconds: Double) {
    let network = AirNetwork(
      rackHeatCapacity: [150_000], roomHeatCapacity: 1e7, supplyHeatCapacity: 1e5,
      designFlow: [500],
      recirculation: RecirculationFlows(rackCount: 1))
    var course = ThermalCourse(
      network: network, law: .ducted(offset: 18, slope: 0, delivered: 1), rackHeat: [6000],
      roomHeat: 0, outdoor: 0, start: [18, 25, 18])
    course.trajectory.extend(to: seconds)
    let weights = course.trajectory.weights(at: seconds)
    let expected = 30 - 12 * testExponential(-seconds / 300)
    #expect(abs(course.trajectory.temperature(0, weights) - expected) < temperatureTolerance)
    let slope = 12 / 300 * testExponential(-seconds / 300)
    #expect(abs(course.trajectory.speed(0, weights) - slope) < temperatureTolerance)
    // ∫ of the closed form.
    let integral = 30 * seconds - 12 * 300 * (1 - testExponential(-seconds / 300))
    let found = course.trajectory.integral(0, seconds: seconds, weights)
    #expect(abs(found - integral) < temperatureTolerance * max(1, integral))
  }

  @Test(
    "heat in is heat removed, stored and lost, for any room",
    arguments: 1...20 as ClosedRange<UInt64>)
  func heatBalance(seed: UInt64) {
    let room = RandomRoom(seed: seed, racks: 12, density: 0.5, wall: 40)
    for law in Self.laws {
      var course = room.course(law)
      let seconds = 200.0
      course.trajectory.extend(to: seconds)
      let weights = course.trajectory.weights(at: seconds)
      let state = course.trajectory.state(weights)
      let n = room.network.rackCount
      let roomIntegral = course.trajectory.integral(n, seconds: seconds, weights)
      var stored = room.network.roomHeatCapacity * (state[n] - room.start[n])
      stored += room.network.supplyHeatCapacity * (state[n + 1] - room.start[n + 1])
      for i in 0..<n {
        stored += room.network.rackHeatCapacity[i] * (state[i] - room.start[i])
      }
      let generated = (room.rackHeat.reduce(0, +) + room.roomHeat) * seconds
      let removed = course.heatRemoved(room: roomIntegral / seconds, heatFlow: 0) * seconds
      let walls = room.network.envelopeConductance * (roomIntegral - 5 * seconds)
      let residual = generated - removed - stored - walls
      // 1e−12 of the largest flow: sums of a few hundred rounded terms.
      #expect(abs(residual) < 1e-11 * max(generated, abs(stored), abs(removed)))
    }
  }

  @Test("more heat makes nothing cooler", arguments: 1...20 as ClosedRange<UInt64>)
  func monotone(seed: UInt64) {
    let room = RandomRoom(seed: seed, racks: 8)
    let seconds = 150.0
    func state(_ heat: [Double]) -> [Double] {
      var course = ThermalCourse(
        network: room.network, law: .ducted(offset: 19, slope: 0, delivered: 1), rackHeat: heat,
        roomHeat: room.roomHeat, outdoor: 5, start: room.start)
      course.trajectory.extend(to: seconds)
      return course.trajectory.state(course.trajectory.weights(at: seconds))
    }
    var more = room.rackHeat
    more[Int(seed) % 8] += 1000
    for (hot, cool) in zip(state(more), state(room.rackHeat)) {
      #expect(hot >= cool - temperatureTolerance)
    }
  }

  /// 18 °C supply, 6 kW, rise 12 K, 300 s: 24 °C are reached at `300·ln 2` s.
  @Test("a threshold is crossed at the time of the closed form")
  func crossing() {
    let network = AirNetwork(
      rackHeatCapacity: [150_000, 150_000], roomHeatCapacity: 1e7, supplyHeatCapacity: 1e5,
      designFlow: [500, 500],
      recirculation: RecirculationFlows(rackCount: 2) { i, j in i == 0 && j == 1 ? 250 : 0 })
    var course = ThermalCourse(
      network: network, law: .ducted(offset: 18, slope: 0, delivered: 1), rackHeat: [6000, 0],
      roomHeat: 0, outdoor: 0, start: [18, 18, 25, 18])
    course.trajectory.extend(to: 600)
    // Rack 1 breathes half of rack 0's exhaust: its inlet is 18 + 6·(1 − e^{−t/300}).
    let found = course.firstCrossing(of: .inlet(1), at: 21, rising: true, from: 0, to: 600)
    guard case .crossing(let seconds) = found else {
      Issue.record("not found: \(found)")
      return
    }
    // Half a nanosecond is the search's resolution.
    #expect(abs(seconds - 300 * testLogarithm(2)) < 1e-9)
    let never = course.firstCrossing(of: .inlet(1), at: 24, rising: true, from: 0, to: 600)
    #expect(never == .none)
  }

  @Test("no crossing is missed and none is made up", arguments: 1...40 as ClosedRange<UInt64>)
  func crossingsAgainstSampling(seed: UInt64) {
    var random = TestRandom(seed: seed)
    let room = RandomRoom(seed: seed, racks: 6)
    var course = room.course(.ducted(offset: 18, slope: 0, delivered: 1))
    let end = course.trajectory.horizon
    course.trajectory.extend(to: end)
    let threshold = random.number(in: 18...32)
    for rack in 0..<6 {
      let samples = (0...2000).map { k -> Double in
        let weights = course.trajectory.weights(at: end * Double(k) / 2000)
        return course.read(.inlet(rack), weights).value
      }
      let rising = samples[0] < threshold
      let first = samples.firstIndex { rising ? $0 >= threshold : $0 <= threshold }
      let found = course.firstCrossing(
        of: .inlet(rack), at: threshold, rising: rising, from: 0, to: end)
      switch (found, first) {
      case (.none, nil): break
      case (.crossing(let seconds), let first?):
        #expect(seconds <= end * Double(first) / 2000 + 1e-9)
        #expect(seconds >= end * Double(first - 1) / 2000 - 1e-9)
      case (.crossing(let seconds), nil):
        // A bulge between two samples.
        let weights = course.trajectory.weights(at: seconds)
        #expect(abs(course.read(.inlet(rack), weights).value - threshold) < 1e-6)
      default:
        Issue.record("seed \(seed), rack \(rack): \(found), sampled \(String(describing: first))")
      }
    }
  }

  @Test("slower fans keep every flow at or above zero", arguments: 1...20 as ClosedRange<UInt64>)
  func fanSpeeds(seed: UInt64) {
    var random = TestRandom(seed: seed)
    let room = RandomRoom(seed: seed, racks: 10)
    var network = room.network
    let speeds = (0..<10).map { _ in random.number(in: 0...1) < 0.2 ? 0 : random.number(in: 0...1.4)
    }
    _ = network.setFanSpeeds(speeds)
    for i in 0..<10 {
      #expect(network.supplyFlow[i] >= 0 && network.returnFlow[i] >= 0)
      #expect(network.flow[i] == room.network.designFlow[i] * speeds[i])
    }
    let supply = network.supplyFlow.reduce(0, +)
    let back = network.returnFlow.reduce(0, +)
    #expect(abs(supply - back) < temperatureTolerance * max(1, supply))
  }
}
