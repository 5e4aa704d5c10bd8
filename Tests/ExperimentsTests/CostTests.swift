// SPDX-License-Identifier: Apache-2.0
import DataCenter
import Experiments
import Facility
import Testing
import Units

/// Sums of a few products of doubles.
private let exact = 1e-12

@Suite("What a run costs")
struct CostTests {
  private static let text = """
    version: 1
    name: small
    duration: 12 h
    workload: { synthetic: { vms: 80 }, history: 0 s, sizing: { percentile: 80, basis: run } }
    dataCenter:
      racks:
        - { count: 2, hosts: 8, server: dell-r640-2021 }
        - { count: 1, hosts: 4, server: hp-proliant-ml110-g5 }
    policies: [none]
    """

  private func file(_ costs: String) throws -> ScenarioFile {
    try ScenarioFile(
      text: Array(Self.text.utf8), name: "small.yaml",
      overrides: [try #require(ScenarioOverride("costs=\(costs)"))],
      folder: ScenarioFolder(sharedFolder: nil))
  }

  private func metrics(_ costs: String) throws -> (String) throws -> Double {
    let scenario = try file(costs)
    let run = try ComparisonRunner.runOne(
      scenario: scenario, policy: scenario.spec.policies[0], seed: 1, output: nil)
    return { run.metrics[try #require(Metric.position(of: $0))] }
  }

  /// The definition of an annuity: n equal payments at the ends of the years, discounted at the
  /// interest rate, are worth the price.
  @Test(
    "equal yearly payments, discounted, are the price",
    arguments: [0.0, 1e-9, 0.01, 0.07, 0.3], [1, 4, 15, 40])
  func annuity(interest: Double, years: Int) throws {
    let spec = try file("{ rack: 1000, serverLifeYears: \(years), interest: \(interest) }").spec
    let payment = spec.costs.yearlyCapital(of: spec.dataCenter)
    var value = 0.0
    var discount = 1.0
    for _ in 0..<years {
      discount /= 1 + interest
      value += payment * discount
    }
    // A sum of n rounded powers of a number near 1.
    #expect(abs(value - 3 * 1000) < 3000 * 1e-12 * Double(years))
  }

  @Test("servers, racks, watts and items are counted, each over its own life")
  func capital() throws {
    let spec = try file(
      "{ server: 7000, rack: 500, serverLifeYears: 5, siteWatt: 10, siteLifeYears: 20, "
        + "items: [{ name: card, price: 9000, count: 3, lifeYears: 3 }] }"
    ).spec
    let peak = spec.dataCenter.racks.map {
      Double($0.count * $0.hosts) * $0.server.model.curve.peakPower.value
    }.reduce(0, +)
    #expect(peak > 16 * 100 && peak < 20 * 1000)
    let expected = Double(20 * 7000 + 3 * 500) / 5 + peak * 10 / 20 + 27_000.0 / 3
    #expect(abs(spec.costs.yearlyCapital(of: spec.dataCenter) - expected) < exact * expected)
  }

  @Test("a run pays for its share of a year, for what it does not do, and for its energy")
  func run() throws {
    let of = try metrics("{ server: 7000, unservedCoreHour: 2, degradedVMHour: 5 }")
    let capital = 20 * 7000.0 / 4 * 0.5 / 365.25
    let service = try of("unservedCoreSeconds") / 3600 * 2 + of("degradedVmSeconds") / 3600 * 5
    #expect(service > 0)
    #expect(abs(try of("costCapital") - capital) < exact * capital)
    #expect(abs(try of("costService") - service) < exact * service)
    let sum = try of("costTotal") + capital + service
    #expect(abs(try of("cost") - sum) < exact * sum)
  }

  @Test("nothing has a price unless it is given one")
  func free() throws {
    let of = try metrics("{}")
    #expect(try of("costCapital") == 0 && of("costService") == 0)
    #expect(try of("cost") == of("costTotal"))
  }
}
