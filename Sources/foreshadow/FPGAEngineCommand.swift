// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FPGAModel
import Foundation
import Units

/// `foreshadow fpga engine`: one design.
struct FPGAEngineCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine",
    abstract: "Cycles, latency, area, fit and energy of one engine.",
    discussion: """
      Example: foreshadow fpga engine --family reuse-factor --cell lstm --input 6 --hidden 20 \
      --steps 20 --dense 64,1 --reuse 128 --bits 16 --integer-bits 6 --clock 200MHz --json
      """)

  @Option(
    help:
      "Kind of engine: \(EngineFamily.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var family = EngineFamily.reuseFactor

  @OptionGroup var sizes: NetworkOptions

  @Option(help: "reuse-factor: weights served by one multiplier.", transform: { try size($0) })
  var reuse = 1

  @Option(help: "reuse-factor: resource or latency (default: latency at reuse 1, as hls4ml).")
  var strategy: HLSStrategy?

  @Option(
    help: """
      reuse-factor: calibration (default: by cell): \
      \(ReuseFactorProfile.all.map(\.name).joined(separator: ", ")).
      """)
  var profile: String?

  @Option(help: "unit-parallel: hidden units in parallel.", transform: { try size($0) })
  var units = 4

  @Option(
    help: "Sequences in flight (unit-parallel, systolic).",
    transform: { try size($0, to: 1024) })
  var batch = 1

  @Option(help: "Bits of a word, 2 … 32.")
  var bits = 16

  @Option(help: "Bits before the binary point, sign included.")
  var integerBits = 6

  @Option(help: "Clock, as in 200MHz.", transform: { try frequency($0) })
  var clock = 200e6

  @Option(
    help:
      "Where the weights are: \(WeightResidency.allCases.map(\.rawValue).joined(separator: ", ")).")
  var weights = WeightResidency.bram

  @Option(
    help: "Device for power: \(FPGADevice.all.map(\.name).joined(separator: ", ")).")
  var device = "u50"

  @Option(help: "systolic: rows and columns of the array, as in 16x16.")
  var array = "16x16"

  @Option(help: "systolic: dataflow os, ws or is.")
  var dataflow = SystolicDataflow.outputStationary

  @Flag(help: "Print JSON.")
  var json = false

  mutating func execute() throws {
    guard (2...32).contains(bits), (1...bits).contains(integerBits) else {
      throw ValidationError("--bits is 2 … 32, --integer-bits 1 … --bits")
    }
    let device = try named(device, FPGADevice.all, \.name, "device")
    let network = sizes.network
    let estimate: EngineEstimate
    var weightBytes = network.parameters * ((bits + 7) / 8)
    let format = WordFormat(bits: bits, integerBits: integerBits)
    var chosenProfile: ReuseFactorProfile?
    switch family {
    case .reuseFactor:
      let engine = ReuseFactorEngine(
        network: network, reuse: reuse, format: format, clockHertz: clock, strategy: strategy,
        profile: try profile.map { try named($0, ReuseFactorProfile.all, \.name, "profile") })
      chosenProfile = engine.profile
      estimate = engine.estimate()
    case .unitParallel:
      guard network.cell == .lstm, network.dense.count == 1 else {
        throw ValidationError("unit-parallel computes an lstm with one dense layer")
      }
      let engine = UnitParallelEngine(
        network: network, units: units, batch: batch, format: format, clockHertz: clock)
      weightBytes = engine.weightBytes
      estimate = engine.estimate()
    case .systolic:
      estimate = try systolic(network).estimate(network: network, batch: batch, clockHertz: clock)
    }
    let answer = EngineAnswer(
      family: family.rawValue, estimate: estimate, network: network, bits: bits, device: device,
      weights: weights, weightBytes: weightBytes, profile: chosenProfile)
    if json { try writeJSON(answer) } else { try Console.write(answer.text) }
  }

  private func systolic(_ network: NetworkShape) throws -> SystolicArray {
    let parts = array.lowercased().split(separator: "x")
    guard parts.count == 2 else { throw ValidationError("--array is ROWSxCOLUMNS, as in 16x16") }
    return SystolicArray(
      rows: try size(parts[0]), columns: try size(parts[1]), dataflow: dataflow)
  }
}

extension SystolicDataflow: ExpressibleByArgument {}

/// The one of `all` with this name.
func named<Value>(
  _ name: String, _ all: [Value], _ path: KeyPath<Value, String>, _ kind: String
) throws -> Value {
  if let found = all.first(where: { $0[keyPath: path] == name }) { return found }
  let known = all.map { $0[keyPath: path] }
  let hint = nearestName(to: name, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
  throw ValidationError("there is no \(kind) \"\(name)\"\(hint)")
}

/// What `engine` prints.
struct EngineAnswer: Encodable {
  var family: String
  var profile: String?
  var cycles: Int
  var cyclesMax: Int
  var initiationInterval: Int
  var clockMHz: Double
  var latencyMicroseconds: Double
  var latencyMaxMicroseconds: Double
  var sequencesPerSecond: Double
  var batchIntervalMicroseconds: Double
  var weightBytes: Int
  var utilisation: Double
  var dsp: Int
  var lut: Int
  var ff: Int
  var bram18: Int
  var fits: [String: Int]
  var device: String
  var powerWatts: Double
  var energyMicrojoules: Double
  var energyUncertainty: Double

  init(
    family: String, estimate: EngineEstimate, network: NetworkShape, bits: Int,
    device: FPGADevice, weights: WeightResidency, weightBytes: Int, profile: ReuseFactorProfile?
  ) {
    self.family = family
    self.profile = profile?.name
    cycles = estimate.cycles
    cyclesMax = estimate.maximumCycles
    initiationInterval = estimate.initiationInterval
    clockMHz = estimate.clockHertz / 1e6
    latencyMicroseconds = estimate.latencySeconds * 1e6
    latencyMaxMicroseconds = estimate.maximumLatencySeconds * 1e6
    let compute = Double(estimate.initiationInterval) / estimate.clockHertz
    let interval = weights.interval(computeSeconds: compute, weightBytes: weightBytes)
    batchIntervalMicroseconds = interval * 1e6
    sequencesPerSecond = Double(estimate.batch) / interval
    self.weightBytes = weightBytes
    utilisation = estimate.utilisation
    dsp = Int(estimate.resources.dsp.rounded())
    lut = Int(estimate.resources.lut.rounded())
    ff = Int(estimate.resources.flipFlops.rounded())
    bram18 = Int(estimate.resources.bram18.rounded())
    fits = [:]
    for device in FPGADevice.all {
      fits[device.name] = device.enginesThatFit(estimate.resources)
    }
    self.device = device.name
    let energy = EngineEnergy(estimate, network: network, bits: bits, device: device)
    powerWatts = energy.watts
    energyMicrojoules = energy.joules * 1e6
    energyUncertainty = EngineEnergy.uncertainty
  }

  var text: String {
    func number(_ value: Double) -> String { String(format: "%.4g", value) }
    let range = cyclesMax > cycles ? " … \(cyclesMax)" : ""
    let longest =
      cyclesMax > cycles ? " … \(number(latencyMaxMicroseconds))" : ""
    let places = FPGADevice.all.map { "\($0.name) \(fits[$0.name] ?? 0)" }
    return """
      cycles        \(cycles)\(range)
      latency       \(number(latencyMicroseconds))\(longest) µs at \(number(clockMHz)) MHz
      throughput    \(number(sequencesPerSecond)) sequences/s
      utilisation   \(number(utilisation * 100)) % of the multipliers
      area          \(dsp) DSP, \(lut) LUT, \(ff) FF, \(bram18) BRAM18
      engines fit   \(places.joined(separator: ", "))
      power         \(number(powerWatts)) W on \(device), estimate ± 30 %
      energy        \(number(energyMicrojoules)) µJ a batch, estimate ± 30 %
      """
  }
}
