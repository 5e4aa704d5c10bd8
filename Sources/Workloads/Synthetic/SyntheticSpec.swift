// SPDX-License-Identifier: Apache-2.0
import SimulationKernel
public import Units

/// A synthetic workload: how many VMs of which application profiles.
///
/// ```yaml
/// synthetic: { vms: 200, mix: { web-diurnal: 60 %, batch-nightly: 25 %, bursty: 15 % } }
/// ```
/// Every VM draws from a stream of its own, so a VM's load depends on the seed, its number and its
/// profile, not on how many VMs there are; and load is drawn in the order of time, so a longer run
/// begins with the shorter one. Midnight in the trace is midnight UTC.
public struct SyntheticSpec: Sendable {
  /// Number of VMs.
  public var vmCount: Int
  /// Profile names and their shares of the VMs, which sum to 1.
  public var mix: [(name: String, share: Double)]
  /// Length of a sample.
  public var interval: SimTime
  /// Virtual CPUs of every VM; 100 % load is all of them.
  public var virtualCPUs: Double
  /// Memory of every VM.
  public var memory: Bytes
  /// Load is multiplied by this.
  public var scale: Double
  /// Day of the week on which the run (not its history) begins, 0 is Monday.
  public var firstWeekday: Int

  /// Names of the days as scenario files give them.
  static let weekdays = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ]
  /// 60 % web applications with a daily peak, 25 % nightly jobs, 15 % unpredictable bursts.
  static let defaultMix = [("web-diurnal", 0.6), ("batch-nightly", 0.25), ("bursty", 0.15)]
  /// 2024-01-01T00:00:00Z, a Monday: where runs are put on the calendar.
  static let firstMonday: Int64 = 1_704_067_200
  /// How far the shares of a mix may be from 100 % in sum, for `33 %` three times.
  static let mixTolerance = 0.015

  /// Reads the section `synthetic` of a scenario; without values it is the embedded default.
  public init(from source: inout some ParameterSource) {
    vmCount = source.integer("vms", default: 200, in: 1...1_000_000, about: "number of VMs")
    let names = WorkloadProfile.all.map(\.name)
    mix = source.table(
      "mix", .fraction, of: names, default: Self.defaultMix, in: 0...1,
      about: "application profiles and their shares of the VMs, 100 % in sum"
    ).map { (name: $0.name, share: $0.value) }
    let sum = mix.reduce(0) { $0 + $1.share }
    if abs(sum - 1) > Self.mixTolerance {
      source.problem("mix", "the shares sum to \(decimal(sum * 100, 1)) %, expected 100 %")
      mix = Self.defaultMix.map { (name: $0.0, share: $0.1) }
    } else {
      mix = mix.map { (name: $0.name, share: $0.share / sum) }
    }
    interval = source.time(
      "interval", default: .seconds(300), in: .seconds(1) ... .hours(24),
      about: "length of a sample; profiles are fitted at 300 s")
    virtualCPUs = source.quantity(
      "virtualCPUs", .cores, default: 4, in: 0.1...1024, about: "virtual CPUs of every VM")
    memory = Bytes(
      source.quantity(
        "memory", .data, default: Bytes.gibibytes(8).value, in: 1e6...1e14,
        about: "memory of every VM"))
    scale = source.number("scale", default: 1, in: 0...100, about: "factor on every load")
    let day = source.choice(
      "firstDay", default: Self.weekdays[0], of: Self.weekdays,
      about: "day of the week on which the run begins (its history lies before)")
    firstWeekday = Self.weekdays.firstIndex(of: day) ?? 0
  }

  /// Generates the load.
  ///
  /// - Parameters:
  ///   - seed: the run's seed.
  ///   - history: time before the run for which load is generated too, rounded up to samples.
  ///   - duration: length of the run, rounded up to samples.
  /// - Returns: a trace of history and run; `split(atSample: history / interval)` parts them.
  public func generate(
    seed: UInt64, history: SimTime = .zero, duration: SimTime
  ) -> DemandTrace {
    let before = history.roundedUp(to: interval) / interval
    let count = before + duration.roundedUp(to: interval) / interval
    let start =
      Self.firstMonday + Int64(firstWeekday) * 86_400
      - (interval * before).nanoseconds / 1_000_000_000
    let calendar = SampleCalendar(
      interval: interval, sampleCount: count, startEpochSeconds: start)
    let members = assignVMs()
    let order = members.indices.sorted { isOrderedBytewise(members[$0].name, members[$1].name) }
    var columns = [Int](repeating: 0, count: members.count)
    for (column, vm) in order.enumerated() { columns[vm] = column }
    var matrix = SampleMatrix(sampleCount: count, vmCount: members.count, filledWith: 0)
    for (index, share) in mix.enumerated() {
      guard let profile = WorkloadProfile.named(share.name) else { continue }
      let generator = ProfileGenerator(profile, calendar, seed: seed)
      let vms = members.indices.filter { members[$0].profile == index }
      for (rank, vm) in vms.enumerated() {
        let load = generator.load(vm: vm, rank: rank).map {
          $0 / 100 * Float(virtualCPUs * scale)
        }
        matrix.setColumn(columns[vm], load)
      }
    }
    return DemandTrace(
      interval: interval, startEpochSeconds: start,
      vms: order.map { vm in
        VMDescription(
          name: members[vm].name, profile: mix[members[vm].profile].name,
          virtualCPUs: virtualCPUs, memory: memory)
      }, cpuCores: matrix)
  }

  /// Gives every VM a profile such that the first n VMs, for every n, follow the mix as closely as
  /// whole VMs can, and a name that counts the VMs of its profile from 0.
  private func assignVMs() -> [(profile: Int, name: String)] {
    var counts = [Int](repeating: 0, count: mix.count)
    let width = max(3, String(vmCount - 1).count)
    return (0..<vmCount).map { vm in
      let owed = mix.indices.map { mix[$0].share * Double(vm + 1) - Double(counts[$0]) }
      let profile = mix.indices.max { owed[$0] < owed[$1] } ?? 0
      let digits = String(counts[profile])
      counts[profile] += 1
      let prefix = WorkloadProfile.named(mix[profile].name)?.prefix ?? "vm"
      return (
        profile, prefix + "-" + String(repeating: "0", count: width - digits.count) + digits
      )
    }
  }
}

/// Everything that the VMs of one profile have in common during generation.
private struct ProfileGenerator {
  let profile: WorkloadProfile
  let calendar: SampleCalendar
  let seed: UInt64
  private let process: LoadProcess
  private let crowds: FlashCrowdTimeline?
  private let rotation: (level: Double, temper: Double)

  init(_ profile: WorkloadProfile, _ calendar: SampleCalendar, seed: UInt64) {
    self.profile = profile
    self.calendar = calendar
    self.seed = seed
    process = LoadProcess(profile, calendar)
    var crowdStream = RandomStream(seed: seed, purpose: "workload/crowd/" + profile.name)
    crowds = profile.flashCrowd.map { FlashCrowdTimeline($0, calendar, stream: &crowdStream) }
    var places = RandomStream(seed: seed, purpose: "workload/place/" + profile.name)
    rotation = (places.uniform(), places.uniform())
  }

  /// Load in percent. `vm` is the VM's number in the workload, `rank` its number in the profile.
  func load(vm: Int, rank: Int) -> [Float] {
    var column = [Float](repeating: 0, count: calendar.sampleCount)
    var stream = RandomStream(seed: seed, purpose: "workload", entity: UInt64(vm))
    process.run(&column, place: place(rank), stream: &stream)
    if let job = profile.job {
      var stream = RandomStream(seed: seed, purpose: "workload/job", entity: UInt64(vm))
      job.apply(
        to: &column, ceilingPercent: profile.ceilingPercent, calendar, stream: &stream)
    }
    if let crowds, let crowd = profile.flashCrowd {
      var stream = RandomStream(seed: seed, purpose: "workload/crowd", entity: UInt64(vm))
      if stream.bernoulli(crowd.participation) {
        crowds.apply(to: &column, ceilingPercent: profile.ceilingPercent)
      }
    }
    return column
  }

  /// Levels and tempers of a profile's VMs are a rotated additive recurrence instead of independent
  /// draws: any number of first VMs covers the distribution evenly, so that a hundred VMs have the
  /// figures of the whole population. Source: R2 sequence (Roberts 2018), the generalised golden
  /// ratio g = 1.3247… (g³ = g + 1), steps 1/g and 1/g².
  private func place(_ rank: Int) -> LoadProcess.Place {
    func quantile(_ start: Double, _ step: Double) -> Double {
      let value = (start + Double(rank) * step).truncatingRemainder(dividingBy: 1)
      return min(max(value, 1e-9), 1 - 1e-9)
    }
    return LoadProcess.Place(
      level: quantile(rotation.level, 0.754_877_666_246_692_7),
      temper: quantile(rotation.temper, 0.569_840_290_998_053_2))
  }
}
