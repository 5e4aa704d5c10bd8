// SPDX-License-Identifier: Apache-2.0
public import DataCenter
import Facility
import Foundation
public import Units

/// Prices of what a data center is built of, and of work that is not done. Energy, carbon and water
/// have theirs in `facility.site`; all are in the same currency.
///
/// A price is paid in equal yearly sums over a lifetime at an interest rate (the capital recovery
/// factor i·(1+i)ⁿ/((1+i)ⁿ−1); Koomey, Brill, Turner, Stanley and Taylor, "A Simple Model for
/// Determining True Total Cost of Ownership for Data Centers", Uptime Institute 2007), and a run
/// pays the share of a year that it simulates.
public struct CostSpec: Sendable, Hashable {
  /// Something else that is bought.
  public struct Item: Sendable, Hashable {
    /// What it is.
    public var name: String
    /// Price of one.
    public var price: Double
    /// How many.
    public var count: Int
    /// Lifetime in years.
    public var lifeYears: Double

    init(from source: inout some ParameterSource) {
      name = source.text("name", default: nil, about: "What it is.")
      price = source.number("price", default: nil, in: 0...1e12, about: "Price of one.")
      count = source.integer("count", default: 1, in: 0...1_000_000, about: "How many.")
      lifeYears = source.number("lifeYears", default: 4, in: 0.1...100, about: "Its lifetime.")
    }
  }

  /// Price of a server.
  public var server: Double
  /// Price of a rack with its switch.
  public var rack: Double
  /// Lifetime of servers and racks in years.
  public var serverLifeYears: Double
  /// Price of building, power and cooling for each watt of the servers at their highest power.
  public var siteWatt: Double
  /// Lifetime of the building in years.
  public var siteLifeYears: Double
  /// Yearly interest.
  public var interest: Double
  /// Price of a core-hour of work that is not done.
  public var unservedCoreHour: Double
  /// Price of an hour in which a VM is degraded.
  public var degradedVMHour: Double
  /// What else is bought.
  public var items: [Item]

  /// Reads the section; nothing has a price unless it is given one.
  public init(from source: inout some ParameterSource) {
    server = source.number("server", default: 0, in: 0...1e9, about: "Price of a server.")
    rack = source.number("rack", default: 0, in: 0...1e9, about: "Price of a rack with its switch.")
    serverLifeYears = source.number(
      "serverLifeYears", default: 4, in: 0.1...100, about: "Lifetime of servers and racks.")
    siteWatt = source.number(
      "siteWatt", default: 0, in: 0...1e6,
      about: "Price of building, power and cooling for each watt that all servers can draw.")
    siteLifeYears = source.number(
      "siteLifeYears", default: 15, in: 0.1...100, about: "Lifetime of the building.")
    interest = source.fraction("interest", default: 0, about: "Interest a year.")
    unservedCoreHour = source.number(
      "unservedCoreHour", default: 0, in: 0...1e9,
      about: "Price of a core-hour of work that is not done.")
    degradedVMHour = source.number(
      "degradedVMHour", default: 0, in: 0...1e9,
      about: "Price of an hour in which a VM is degraded.")
    items = source.list("items", about: "What else is bought, e.g. accelerator cards.") {
      Item(from: &$0)
    }
  }

  /// The part of a price that is paid each year.
  static func yearlyShare(lifeYears: Double, interest: Double) -> Double {
    guard interest > 0 else { return 1 / lifeYears }
    // i / (1 − (1+i)⁻ⁿ) without the cancellation of small rates.
    return interest / -expm1(-lifeYears * log1p(interest))
  }

  /// What a year of owning the data center costs.
  public func yearlyCapital(of dataCenter: DataCenterSpec) -> Double {
    var servers = 0
    var racks = 0
    var peakWatts = 0.0
    for group in dataCenter.racks {
      racks += group.count
      servers += group.count * group.hosts
      peakWatts += Double(group.count * group.hosts) * group.server.model.curve.peakPower.value
    }
    let hardware = Double(servers) * server + Double(racks) * rack
    let other = items.map {
      Double($0.count) * $0.price
        * Self.yearlyShare(lifeYears: $0.lifeYears, interest: interest)
    }
    return hardware * Self.yearlyShare(lifeYears: serverLifeYears, interest: interest)
      + peakWatts * siteWatt * Self.yearlyShare(lifeYears: siteLifeYears, interest: interest)
      + other.reduce(0, +)
  }
}

/// What a run costs besides energy, carbon and water.
public struct CostBooks: Sendable, Hashable {
  /// Share of what the data center was bought for.
  public var capital: Double
  /// Work that was not done and VMs that were degraded.
  public var service: Double

  private static let yearSeconds = 365.25 * 86_400

  init(_ prices: CostSpec, dataCenter: DataCenterSpec, totals: PlantTotals) {
    capital =
      prices.yearlyCapital(of: dataCenter) * totals.duration.seconds / Self.yearSeconds
    service =
      totals.unservedCoreSeconds / 3600 * prices.unservedCoreHour
      + totals.degradedVmSeconds / 3600 * prices.degradedVMHour
  }
}

extension Metric {
  static let costs: [Metric] = [
    Metric("costCapital", "1", .lower, "Share of the price of servers, racks, building and items") {
      $0.costs.capital
    },
    Metric("costService", "1", .lower, "Price of work not done and of degraded VM time") {
      $0.costs.service
    },
    Metric(
      "cost", "1", .lower, "All costs of the run: costTotal, costCapital and costService"
    ) { $0.facility.costTotal + $0.costs.capital + $0.costs.service },
  ]
}
