// SPDX-License-Identifier: Apache-2.0
public import DataCenter
public import Facility
public import SimulationKernel
import Units

/// Everything that a finished run is judged by.
public struct RunBooks: Sendable {
  /// Sums over VMs and hosts.
  public var totals: PlantTotals
  /// Response times of all requests, in milliseconds.
  public var responseTimes: WeightedHistogram
  /// Work of requests that a full backlog refused, in core-seconds; not among the response times.
  public var refusedCoreSeconds: Double
  /// What shadows did and cost.
  public var shadows: ShadowBooks
  /// What migrations did and cost.
  public var migrations: MigrationBooks
  /// What went wrong and what came of it.
  public var faults: FaultBooks
  /// What the policy ordered.
  public var commands: CommandBooks
  /// Energy, heat, water, carbon and cost of the whole site.
  public var facility: FacilityAccounting
  /// What the data center and its shortcomings cost.
  public var costs: CostBooks
  /// How good the policy's forecasts were.
  public var forecasts: ForecastScore
  /// VM-time simulated, in seconds.
  public var vmSeconds: Double { totals.duration.seconds * Double(totals.vmCount) }
}

/// The books of a run do not close: an error in Foreshadow, never in the scenario.
public struct BooksError: Error, Sendable, CustomStringConvertible {
  /// What does not add up, with the figures.
  public var description: String
}

extension RunBooks {
  /// Relative difference that rounding may leave in a sum of many intervals.
  static let tolerance = 1e-9

  /// Refuses books in which work appears or vanishes.
  ///
  /// - Throws: ``BooksError`` with both sides of what does not add up.
  public func check() throws(BooksError) {
    guard totals.workImbalance <= Self.tolerance else {
      throw BooksError(
        description: """
          work does not add up: offered \(totals.offeredCoreSeconds), served \
          \(totals.servedCoreSeconds), unserved \(totals.unservedCoreSeconds) core-seconds
          """)
    }
    // The plant books host by host, the facility rack by rack: two ways to the same energy.
    // What warm inlet air adds (fans, leakage) only the facility knows.
    let drawn = facility.energyIt - facility.energyItWarmAir
    let difference = abs(totals.hostEnergy.value - drawn.value)
    guard difference <= Self.tolerance * totals.hostEnergy.value else {
      throw BooksError(
        description: """
          energy does not add up: hosts used \(totals.hostEnergy.value) J, racks drew \
          \(facility.energyIt.value) J
          """)
    }
    guard abs(facility.electricityResidual) <= Self.tolerance,
      abs(facility.heatResidual) <= Self.tolerance
    else {
      throw BooksError(
        description: """
          the facility's books do not close: electricity off by \(facility.electricityResidual), \
          heat by \(facility.heatResidual) of the total
          """)
    }
  }
}
