// SPDX-License-Identifier: Apache-2.0
import Units

/// What carries the racks' load.
enum PowerSource: Sendable, Hashable, Codable {
  case mains, battery, generator, none
}

/// Electric power between two events, apart from the cooling's, which changes with the heat.
struct PowerFlows: Sendable, Codable {
  /// Servers of each rack in W, with what warm air makes them draw more.
  private(set) var rackIt: [Double]
  /// Servers and switch of each rack in W: the heat in the rack, and the load of its branch.
  private(set) var rackTotal: [Double]
  /// Sum of the servers.
  private(set) var it = 0.0
  /// The part of it that warm air causes.
  private(set) var itWarmAir = 0.0
  /// Sum of the switches.
  private(set) var network = 0.0
  /// Losses in PDUs and UPS.
  private(set) var chainLoss = 0.0
  /// Heat given off in the room beside the racks.
  private(set) var roomHeat = 0.0
  /// What goes into the UPS for the racks and switches.
  private(set) var upsInput = 0.0

  /// The flows for the given servers' power.
  ///
  /// - Parameters:
  ///   - rackIt: W a rack; zero where it has no power.
  ///   - itWarmAir: W of all of that which warm air causes.
  ///   - hasSwitch: whether the rack's switch runs.
  ///   - hasFeed: whether the rack's PDU is under voltage.
  ///   - isLive: whether anything carries the load at all.
  ///   - sizing: PDUs and UPS.
  ///   - spec: switches, and where the UPS stands.
  init(
    rackIt: [Double], itWarmAir: Double = 0, hasSwitch: [Bool], hasFeed: [Bool], isLive: Bool,
    sizing: FacilitySizing,
    spec: FacilitySpec
  ) {
    self.rackIt = rackIt
    self.itWarmAir = itWarmAir
    rackTotal = rackIt
    guard isLive else { return }
    var pduLoss = 0.0
    for i in rackIt.indices {
      it += rackIt[i]
      if hasSwitch[i] {
        rackTotal[i] += spec.switches.rackSwitch.value
        network += spec.switches.rackSwitch.value
      }
      if hasFeed[i] { pduLoss += sizing.pdus[i].loss(at: Watts(rackTotal[i])).value }
    }
    let spine = spec.switches.spinePower(rackCount: rackIt.count).value
    network += spine
    let upsOutput = it + network + pduLoss
    let upsLoss = sizing.ups.loss(at: Watts(upsOutput)).value
    chainLoss = pduLoss + upsLoss
    upsInput = upsOutput + upsLoss
    roomHeat = spine + pduLoss + (spec.distribution.upsHeatsRoom ? upsLoss : 0)
  }
}
