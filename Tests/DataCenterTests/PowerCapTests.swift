// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import Facility
import SimulationKernel
import Testing
import Units

/// Speeds under a limit are found by bisection, to parts in 1e15.
private let bisectionTolerance = 1e-9

/// What budgets of racks and limits of servers leave of the hosts, one rack of several.
@Suite("Power budgets throttle what exceeds them, and nothing else")
struct PowerCapTests {
  private typealias Cap = DistributionSpec.PowerCap

  /// A rack of hosts of 100…200 W, a VM on each, for an hour.
  private func fixture(
    loads: [Double], cores: Double = 1, rack: Double? = nil, server: Double? = nil,
    _ change: @escaping (inout PlantSpec) -> Void = { _ in }
  ) -> PlantFixture {
    var fixture = PlantFixture()
    fixture.hosts = [.init(cores: cores, idle: Watts(100), busy: Watts(200), off: Watts(10))]
    fixture.vms = loads.map { .init(capacity: Cores(1), load: [$0]) }
    fixture.placement = .worstFit
    fixture.adjust = {
      $0.dataCenter.racks[0].hosts = loads.count
      func cap(_ watts: Double) -> Cap {
        Cap(start: .zero, end: .hours(1), power: Watts(watts))
      }
      $0.facility.distribution.rackCaps = rack.map { [cap($0)] } ?? []
      $0.facility.distribution.serverCaps = server.map { [cap($0)] } ?? []
      change(&$0)
    }
    return fixture
  }

  private func run(_ fixture: PlantFixture) throws -> (totals: PlantTotals, watts: [Double]) {
    var simulator = try fixture.simulator()
    simulator.run(until: .minutes(30))
    let hosts = simulator.model.inventory.hosts.count
    let watts = (0..<hosts).map { simulator.model.power(of: HostID($0)).value }
    simulator.run(until: fixture.duration)
    simulator.model.close(at: simulator.now)
    return (simulator.model.totals(at: simulator.now), watts)
  }

  /// 200 + 125 W in 285 W: the modest host keeps its 125 W, the greedy one has 160 W and 0.6 cores.
  /// Halves of the budget, 142.5 W each, would leave it 0.425. (Loads are sums of powers of two:
  /// traces hold single precision.)
  @Test("an uneven load: the greedy host is cut to what the modest one leaves")
  func uneven() throws {
    let (totals, watts) = try run(fixture(loads: [1, 0.25], rack: 285))
    #expect(abs(watts[0] - 160) < bisectionTolerance * 160)
    #expect(watts[1] == 125)
    #expect(abs(totals.unservedCoreSeconds - 0.4 * 3600) < bisectionTolerance * 3600)
  }

  @Test("a budget that is not reached cuts nobody, however uneven the load")
  func fits() throws {
    let (totals, watts) = try run(fixture(loads: [1, 0, 0.25], rack: 425))
    #expect(watts == [200, 100, 125])
    #expect(totals.unservedCoreSeconds == 0)
  }

  @Test("a server's limit holds whatever its neighbours draw")
  func server() throws {
    let (totals, watts) = try run(fixture(loads: [1, 0.25], server: 150))
    #expect(abs(watts[0] - 150) < bisectionTolerance * 150)
    #expect(watts[1] == 125)
    #expect(abs(totals.unservedCoreSeconds - 0.5 * 3600) < bisectionTolerance * 3600)
  }

  /// The limit takes 30 W from each of two hosts, the rack's budget 10 W more; the third is spared.
  @Test("a server's limit comes first, then the rack's budget")
  func both() throws {
    let (_, watts) = try run(fixture(loads: [1, 1, 0.25], rack: 445, server: 170))
    // 125 stay as they are; 320 are left for two that may have 170 each.
    #expect(abs(watts[0] - 160) < bisectionTolerance * 160)
    #expect(abs(watts[1] - 160) < bisectionTolerance * 160)
    #expect(watts[2] == 125)
  }

  /// Four cores, a VM of one: a quarter of the curve, 125 W, of which 112.5 W leave half. Its clocks
  /// are halved and not cut to the eighth that 112.5 W would leave of a full host.
  @Test("clocks go down until the power fits, not to what a full host could have")
  func partlyUsedHost() throws {
    let (totals, watts) = try run(fixture(loads: [1], cores: 4, rack: 112.5))
    #expect(abs(watts[0] - 112.5) < bisectionTolerance * 112.5)
    #expect(abs(totals.unservedCoreSeconds - 0.5 * 3600) < bisectionTolerance * 3600)
  }

  /// A host that is off draws its 10 W whatever the budget; the other one has the rest.
  @Test("what a host that is off leaves of the budget is its neighbours'")
  func offNeighbour() throws {
    var fixture = fixture(loads: [1, 0], rack: 180)
    fixture.vms.removeLast()
    var simulator = try fixture.simulator()
    simulator.submit(.powerHost(HostID(1), .off))
    simulator.run(until: .minutes(30))
    #expect(simulator.model.power(of: HostID(1)) == Watts(10))
    #expect(abs(simulator.model.power(of: HostID(0)).value - 170) < bisectionTolerance * 170)
  }

  /// At half clock and α = 2 a core draws a quarter of the power above idle for half the work.
  @Test("a budget on top of a governor's clock counts the power at that clock")
  func governed() throws {
    let loads = [1.0]
    let fixture = fixture(loads: loads, rack: 110) {
      $0.dataCenter.dvfs = FrequencyScaling(
        governor: .powersave, steps: FrequencySteps(speeds: [1, 0.5], exponent: 2))
    }
    let (totals, watts) = try run(fixture)
    // Unlimited: 0.5 cores at 125 W. 110 W are 10 of the 25 W above idle: 0.2 cores.
    #expect(abs(watts[0] - 110) < bisectionTolerance * 110)
    #expect(abs(totals.unservedCoreSeconds - 0.8 * 3600) < bisectionTolerance * 3600)
  }

  @Test(
    "no budget is exceeded and none left unused while somebody is cut",
    arguments: 1...40 as ClosedRange<UInt64>)
  func property(seed: UInt64) throws {
    var random = RandomStream(seed: seed, purpose: "power caps")
    let loads = (0..<2 + random.integer(below: 6)).map { _ in random.uniform() * 1.2 }
    let count = Double(loads.count)
    let budget = 100 * count * (0.9 + 1.2 * random.uniform())
    let limit = 90 + 120 * random.uniform()
    let (_, free) = try run(fixture(loads: loads))
    let (_, watts) = try run(fixture(loads: loads, rack: budget, server: limit))
    let wishes = free.map { max(100, min($0, limit)) }
    let slack = bisectionTolerance * 200 * count
    let total = watts.reduce(0, +)
    // Idle power is what no limit takes away.
    #expect(total <= max(budget, 100 * count) + slack)
    let expected = min(wishes.reduce(0, +), max(budget, 100 * count))
    #expect(abs(total - expected) < slack)
    for (drawn, wish) in zip(watts, wishes) { #expect(drawn <= wish + slack) }
    let cut = zip(watts, wishes).filter { $0 < $1 - slack }.map(\.0)
    // All that are cut are equal, and nobody that isn't has more.
    if let level = cut.first {
      #expect(cut.allSatisfy { abs($0 - level) < slack })
      #expect(watts.allSatisfy { $0 <= level + slack })
    }
  }
}
