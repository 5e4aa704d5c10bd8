// SPDX-License-Identifier: Apache-2.0
import Units

// Numbers by scripts/fit-workloads; how well they fit is on the page of the module, and a test
// compares generated with real figures.
extension WorkloadProfile {
  /// Imitates PlanetLab 20110303: large differences between VMs, hardly any memory inside one.
  static let planetLabLike = {
    var profile = WorkloadProfile(
      name: "planetlab-like", prefix: "pl",
      about: "like PlanetLab/CoMoN 2011-03-03: noise and spikes about very different levels",
      source: "fitted to planetlab 20110303 (1052 VMs, 1 day, Park & Pai 2006)",
      quantiles: .table([
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 1, 2, 2, 4, 6, 8, 11, 17, 25, 35,
        42, 56, 69, 77, 86, 92, 95, 96, 97, 98, 99,
      ]))
    profile.calmShare = 0.4997
    profile.calmLevelShare = 0.9723
    profile.restlessLevelShare = 0.6391
    profile.levelShiftsPerDay = 0.1166
    profile.dynamics = Dynamics(slow: 0.3518)
    profile.slowTime = .seconds(178_359)
    profile.burstsPerDay = 3.221
    profile.burstLength = .seconds(304)
    return profile
  }()

  /// Imitates the 100 VMs of Azure V1.
  static let azureLike = planetLabLike
  /// Imitates Bitbrains rnd.
  static let bitbrainsLike = planetLabLike
}
