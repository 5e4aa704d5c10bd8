// SPDX-License-Identifier: Apache-2.0
import Facility
import Glibc
import SimulationKernel
import Units

func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

/// A day in which every rack's power changes every five minutes.
struct FacilityDay {
  static let interval = SimTime.minutes(5)
  static let steps = 288

  var facility: FacilityModel
  var random = RandomStream(seed: 1, purpose: "facility benchmark")
  let racks: Int

  /// A facility with as many racks; `isFull` gives them a recirculation matrix without zeros.
  init(racks: Int, isFull: Bool) throws {
    self.racks = racks
    var source = DefaultParameters()
    var spec = FacilitySpec(from: &source)
    if isFull {
      var shares = RandomStream(seed: 5, purpose: "facility benchmark")
      spec.room.recirculation = .matrix(
        (0..<racks).map { _ in (0..<racks).map { _ in shares.uniform() * 0.3 / Double(racks) } })
    }
    facility = try FacilityModel(
      spec: spec,
      racks: [FacilityRack](
        repeating: FacilityRack(peakPower: Watts(5000), servers: 10), count: racks),
      inputs: FacilityInputs(fileless: spec.site))
    facility.setRackITPower(draw(), at: .zero)
  }

  mutating func draw() -> [Double] { (0..<racks).map { _ in 1000 + 4000 * random.uniform() } }

  mutating func run() {
    for step in 1...Self.steps {
      let now = Self.interval * step
      while let event = facility.nextTransition(), event < now { facility.advance(to: event) }
      facility.setRackITPower(draw(), at: now)
    }
  }
}

@main
struct FacilityBenchmark {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let racks = Int(arguments[1]) else {
      print("usage: FacilityBenchmark RACKS layout|full")
      exit(64)
    }
    var day = try FacilityDay(racks: racks, isFull: arguments[2] == "full")
    let begin = cpuSeconds()
    day.run()
    let seconds = cpuSeconds() - begin
    let books = day.facility.accounting
    print(
      """
      {"cpuSeconds": \(seconds), "pue": \(books.pue), "heatResidual": \(books.heatResidual), \
      "electricityResidual": \(books.electricityResidual)}
      """)
  }
}
