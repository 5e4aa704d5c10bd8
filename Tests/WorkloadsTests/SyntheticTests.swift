// SPDX-License-Identifier: Apache-2.0
import SimulationKernel
import Testing
import Units
import Workloads

/// The default workload with some values changed.
func syntheticSpec(_ configure: (inout SyntheticSpec) -> Void = { _ in }) -> SyntheticSpec {
  var source = DefaultParameters()
  var spec = SyntheticSpec(from: &source)
  configure(&spec)
  return spec
}

@Suite("Synthetic workloads")
struct SyntheticTests {
  @Test("the same seed gives the same load, another seed another", arguments: [1, 2, 77])
  func reproducible(seed: UInt64) {
    let spec = syntheticSpec { $0.vmCount = 20 }
    let first = spec.generate(seed: seed, duration: .days(2))
    #expect(first.cpuCores == spec.generate(seed: seed, duration: .days(2)).cpuCores)
    #expect(first.cpuCores != spec.generate(seed: seed + 1, duration: .days(2)).cpuCores)
  }

  @Test("more VMs leave the others alone; a longer run begins with the shorter one")
  func independence() throws {
    let names = WorkloadProfile.all.map(\.name)
    let few = syntheticSpec {
      $0.vmCount = 70
      $0.mix = names.map { ($0, 1 / Double(names.count)) }
    }
    let many = syntheticSpec {
      $0.vmCount = 700
      $0.mix = few.mix
    }
    let short = few.generate(seed: 5, history: .days(1), duration: .days(1))
    let long = many.generate(seed: 5, history: .days(1), duration: .days(3))
    #expect(short.vms.map(\.name) == short.vms.map(\.name).sorted())
    for (vm, description) in short.vms.enumerated() {
      let other = try #require(long.vms.firstIndex(of: description))
      #expect(
        short.cpuCores.column(vm) == Array(long.cpuCores.column(other).prefix(576)),
        "\(description.name)")
    }
  }

  @Test("the first VMs follow the mix, however many there are", arguments: [1, 7, 20, 333])
  func mix(vmCount: Int) {
    let trace = syntheticSpec { $0.vmCount = vmCount }.generate(seed: 1, duration: .minutes(5))
    #expect(trace.vms.count == vmCount)
    for (name, share) in [("web-diurnal", 0.6), ("batch-nightly", 0.25), ("bursty", 0.15)] {
      let count = trace.vms.count { $0.profile == name }
      #expect(abs(Double(count) - share * Double(vmCount)) <= 1, "\(name) of \(vmCount)")
    }
  }

  @Test("a trace written as wide CSV reads back as it was, gaps included")
  func wideCSV() throws {
    var trace = syntheticSpec { $0.vmCount = 5 }.generate(seed: 3, duration: .hours(6))
    trace.cpuCores[7, 2] = .nan
    trace.vms[4].name = "a,b"
    var options = TraceReadingOptions()
    options.virtualCPUs = 4
    options.edges = .absent
    let bytes = Array(trace.wideCSV.utf8)
    let read = try DemandTrace.read(
      [.bytes(bytes, name: "week.csv")], format: "wide-csv", options: options)
    #expect(read.sampleCount == trace.sampleCount && read.interval == trace.interval)
    for (index, vm) in trace.vms.enumerated() {
      let name = vm.name == "a,b" ? "a_b" : vm.name
      let column = try #require(read.vms.firstIndex { $0.name == name })
      for sample in 0..<trace.sampleCount where !(index == 2 && sample == 7) {
        let written = trace.cpuCores[sample, index]
        // Two roundings of Float.
        #expect(abs(read.cpuCores[sample, column] - written) <= 3e-7 * max(1, written))
      }
    }
    #expect(read.quality.carriedSamples == 1)
  }

  @Test("history lies before the run, and the run begins on the asked day of the week")
  func calendar() {
    let spec = syntheticSpec {
      $0.vmCount = 3
      $0.firstWeekday = 2
    }
    let trace = spec.generate(seed: 1, history: .days(7), duration: .hours(12))
    #expect(trace.sampleCount == 7 * 288 + 144)
    let run = trace.split(atSample: 7 * 288).rest
    // 2024-01-03T00:00:00Z, a Wednesday
    #expect(run.startEpochSeconds == 1_704_240_000)
    #expect(trace.quality == TraceQuality())
  }

  @Test(
    "load is finite, not negative and at most the profile's ceiling at any interval",
    arguments: [60, 300, 420, 3600])
  func bounds(seconds: Int) {
    for profile in WorkloadProfile.all {
      let trace = syntheticSpec {
        $0.vmCount = 30
        $0.mix = [(profile.name, 1)]
        $0.interval = .seconds(seconds)
        $0.virtualCPUs = 2
      }.generate(seed: 3, history: .days(1), duration: .days(2))
      let highest = Float(profile.ceilingPercent / 100 * 2)
      for sample in 0..<trace.sampleCount {
        let row = trace.cpuCores.row(sample)
        #expect(row.allSatisfy { $0 >= 0 && $0 <= highest }, "\(profile.name) \(sample)")
      }
    }
  }

  // MARK: - What a forecast can and can't know

  /// Of the overloaded samples of the run (above the 95th percentile of 14 training days), the
  /// share at a time of day at which at least half of the training weekdays were overloaded within
  /// a quarter of an hour.
  static func foreseeableShare(of profile: String, seed: UInt64) -> (share: Double, rate: Double) {
    let trace = syntheticSpec {
      $0.vmCount = 100
      $0.mix = [(profile, 1)]
    }.generate(seed: seed, history: .days(14), duration: .days(5))
    let capacity = trace.capacities(percentile: 95, over: 0..<14 * 288)
    let weekdays = (0..<14).filter { $0 % 7 < 5 }
    var overloads = 0
    var foreseeable = 0
    for vm in trace.vms.indices {
      let load = trace.cpuCores.column(vm).map { Double($0) > capacity[vm].value }
      for sample in 14 * 288..<19 * 288 where load[sample] {
        overloads += 1
        let time = sample % 288
        let days = weekdays.count { day in
          let around = max(0, day * 288 + time - 3)...day * 288 + time + 3
          return load[around].contains(true)
        }
        if 2 * days >= weekdays.count { foreseeable += 1 }
      }
    }
    let rate = Double(overloads) / Double(100 * 5 * 288)
    return (Double(foreseeable) / Double(overloads), rate)
  }

  @Test("web peaks and nightly jobs come at the hour at which they always come; bursts don't")
  func foreseeable() {
    let web = Self.foreseeableShare(of: "web-diurnal", seed: 1)
    let batch = Self.foreseeableShare(of: "batch-nightly", seed: 1)
    let bursty = Self.foreseeableShare(of: "bursty", seed: 1)
    #expect(web.share > 0.7 && web.rate > 0.05)
    #expect(batch.share > 0.6 && batch.rate > 0.02)
    #expect(bursty.share < 0.05 && bursty.rate > 0.02)
  }

  @Test("web load is lower at weekends, and peaks in the afternoon")
  func week() {
    let trace = syntheticSpec {
      $0.vmCount = 100
      $0.mix = [("web-diurnal", 1)]
    }.generate(seed: 2, duration: .days(14))
    let total = (0..<trace.sampleCount).map { sample in
      trace.cpuCores.row(sample).reduce(0.0) { $0 + Double($1) }
    }
    let days = (0..<14).map { total[$0 * 288..<($0 + 1) * 288].reduce(0, +) }
    for day in days.indices {
      #expect((days[day] < 0.9 * days[0]) == (day % 7 >= 5), "day \(day)")
    }
    let peak = total[0..<288].indices.max { total[$0] < total[$1] } ?? 0
    #expect((13 * 12...15 * 12).contains(peak))
  }

  @Test("a flash crowd hits about half of the web VMs at the same time")
  func flashCrowd() {
    let trace = syntheticSpec {
      $0.vmCount = 60
      $0.mix = [("web-diurnal", 1)]
    }.generate(seed: 4, duration: .days(30))
    // Rises within a quarter of an hour that the regular cycle and the noise never make.
    var largest = 0
    for sample in 3..<trace.sampleCount {
      let rising = trace.vms.indices.count {
        trace.cpuCores[sample, $0] > 1.8 * trace.cpuCores[sample - 3, $0]
      }
      largest = max(largest, rising)
    }
    #expect((20...40).contains(largest))
  }

  @Test("a night without a job is rare, and jobs take their time")
  func jobs() {
    let trace = syntheticSpec {
      $0.vmCount = 50
      $0.mix = [("batch-nightly", 1)]
    }.generate(seed: 6, duration: .days(20))
    var busy = 0
    for vm in trace.vms.indices {
      busy += trace.cpuCores.column(vm).count { $0 > 0.4 * 4 }
    }
    let hours = Double(busy) / 12 / Double(50 * 20)
    // Mean of a log-normal of median 1.5 h and σ = √(0.35² + 0.12²), in 97 % of the nights.
    let expected = 0.97 * 1.5 * 1.071
    #expect(abs(hours - expected) < 0.1 * expected, "\(hours) hours a night")
  }
}
