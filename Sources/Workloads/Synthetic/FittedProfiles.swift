// SPDX-License-Identifier: Apache-2.0
import Units

// Numbers by scripts/fit-workloads; how well they fit is on the page of the module, and a test
// compares generated with real figures.
extension WorkloadProfile {
  /// Imitates PlanetLab: large differences between VMs, hardly any memory inside one.
  static let planetLabLike = {
    var profile = WorkloadProfile(
      name: "planetlab-like", prefix: "pl",
      about: "like PlanetLab/CoMoN 2011-03-03: noise and spikes about very different levels",
      source: "fitted to PlanetLab 20110303 (1052 VMs, 1 day; Park and Pai, OSR 40(1) 2006)",
      quantiles: .table([
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2,
        2, 2, 2, 3, 4, 4, 6, 6, 8, 9, 11, 14, 17,
        21, 25, 30, 35, 38, 42, 48, 56, 64, 69, 75, 77, 81,
        86, 90, 92, 94, 95, 95, 96, 96, 97, 97, 98, 98, 99,
      ]))
    profile.calmShare = 0.7419
    profile.calmLevelShare = 0.9657
    profile.restlessLevelShare = 0.0798
    profile.levelShiftsPerDay = 0.0942
    profile.burstsPerDay = 0.7766
    profile.dynamics = Dynamics(slow: 0.2592)
    profile.slowTime = .seconds(127771)
    profile.burstLength = .seconds(304)
    return profile
  }()

  /// Imitates Azure V1: levels that last, with daily cycles, drift and noise about them.
  static let azureLike = {
    var profile = WorkloadProfile(
      name: "azure-like", prefix: "az",
      about: "like Azure V1 average CPU: daily cycles, noise and slow drift about stable levels",
      source: "fitted to 100 VMs of Azure V1, 14 days (Cortez et al., SOSP 2017)",
      quantiles: .table([
        0.3902, 0.3914, 0.3923, 0.3935, 0.3947, 0.3964, 0.3985, 0.4014, 0.4063, 0.4126, 0.4186,
        0.4271, 0.4602,
        0.4884, 0.5934, 0.9372, 1.292, 1.519, 1.744, 1.957, 2.105, 2.252, 2.509, 2.909, 3.317,
        3.728,
        4.28, 4.75, 5.198, 5.564, 5.888, 6.197, 6.55, 6.933, 7.32, 7.921, 9.289, 10.38, 12.15,
        13.7, 15.66, 19.37, 23.46, 27.01, 29.78, 34.16, 42.81, 48.71, 51.67, 55.77, 65.63, 70.8,
        72.59, 74.12, 75.63, 78.2, 88.4, 94.69, 96.6, 97.21, 97.51, 97.75, 97.93, 98.1, 98.29,
      ]))
    profile.calmShare = 0.7293
    profile.calmLevelShare = 0.971
    profile.restlessLevelShare = 0.6757
    profile.levelShiftsPerDay = 0.05687
    profile.burstsPerDay = 3.002
    profile.dynamics = Dynamics(daily: 0.2036, slow: 0.1847, fast: 0.1729)
    profile.daily = .individual(harmonics: [1, 0.3, 0.1])
    profile.slowTime = .seconds(31831)
    profile.fastTime = .seconds(1306)
    profile.burstLength = .seconds(338)
    return profile
  }()

  /// Imitates Bitbrains: most VMs idle with daily cycles, the heavy ones at full load for hours.
  static let bitbrainsLike = {
    var profile = WorkloadProfile(
      name: "bitbrains-like", prefix: "bb",
      about: "like Bitbrains rnd: mostly idle VMs, some at full load for hours",
      source: "fitted to 100 VMs of Bitbrains rnd, July 2013, 14 days (Shen et al., CCGrid 2015)",
      quantiles: .table([
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.1333, 0.25, 0.3417,
        0.4, 0.5778, 0.7667, 1, 1.067, 1.333, 1.594, 1.883, 2.133, 2.5, 2.867, 3.433, 4.467, 6.2,
        8.122, 13.13, 22.69, 29.23, 39.92, 52.64, 86.47, 100, 100, 100, 100, 100, 100, 100, 100,
        100, 100, 100, 100, 100, 100, 100, 100, 100, 100,
      ]))
    profile.calmShare = 0.08395
    profile.calmLevelShare = 0.8965
    profile.restlessLevelShare = 0.4424
    profile.levelShiftsPerDay = 0.003615
    profile.burstsPerDay = 2.84
    profile.heavyShare = 0.25
    profile.dynamics = Dynamics(daily: 0.9974, slow: 0.0005461, fast: 3.567e-05)
    profile.heavyDynamics = Dynamics(daily: 9.755e-06, slow: 0.9997, fast: 0.0001512)
    profile.daily = .individual(harmonics: [1, 0.3, 0.1])
    profile.slowTime = .seconds(40120)
    profile.fastTime = .seconds(5446)
    profile.burstLength = .seconds(710)
    return profile
  }()
}
