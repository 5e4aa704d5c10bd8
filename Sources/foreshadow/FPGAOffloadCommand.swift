// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import ControlPlane
import FPGAModel
import Foundation
import Units

/// `foreshadow fpga offload`: does a card pay?
struct FPGAOffloadCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "offload",
    abstract: "Compare processor cores with a card: prediction latency and load by round length.",
    discussion: """
      Shared weights: one model for all VMs, batches of 256 on the cores. Own weights: a model for \
      each VM, batches of one on the cores, weights in the card's memory. Costs of a call and a VM \
      come from `fpga calibrate`.
      """)

  @OptionGroup var sizes: NetworkOptions

  @Option(help: "Processor cores.", transform: { try size($0) })
  var cores = 16

  @Option(help: "Processor time of a call.", transform: { try duration($0) })
  var callTime = SimTime.seconds(11.5e-6)

  @Option(help: "Processor time of a VM in a call.", transform: { try duration($0) })
  var vmTime = SimTime.seconds(2.7e-6)

  @Option(help: "Engines on the card.", transform: { try size($0) })
  var engines = 16

  @Option(help: "Hidden units in parallel in an engine.", transform: { try size($0) })
  var units = 32

  @Option(help: "Clock of the engines.", transform: { try frequency($0) })
  var clock = 250e6

  @Flag(help: "Print JSON.")
  var json = false

  mutating func execute() throws {
    let network = sizes.network
    guard network.cell == .lstm, network.dense.count == 1 else {
      throw ValidationError("the card computes an lstm with one dense layer")
    }
    let engine = UnitParallelEngine(
      network: network, units: units, batch: 16, clockHertz: clock)
    guard callTime <= .seconds(1), vmTime <= .seconds(1) else {
      throw ValidationError("--call-time and --vm-time are at most 1 s")
    }
    var rows: [OffloadRow] = []
    for isShared in [true, false] {
      let cpu = CPUBatchBackend(
        perCall: callTime, perVM: vmTime, batch: isShared ? 256 : 1, cores: cores)
      let card = FPGABackend(
        engine: engine, engines: engines, weights: isShared ? .bram : .hbm)
      for count in [1000, 10_000, 100_000] {
        for round in [1, 10, 300] {
          rows.append(
            OffloadRow(
              weights: isShared ? "shared" : "own", vms: count, roundSeconds: round,
              cpuMilliseconds: cpu.predictionLatency(vmCount: count).seconds * 1e3,
              fpgaMilliseconds: card.predictionLatency(vmCount: count).seconds * 1e3))
        }
      }
    }
    guard !json else { return try writeJSON(rows) }
    let head = "weights     VMs  round s     CPU ms    FPGA ms  CPU busy  FPGA busy  verdict"
    try Console.write(([head] + rows.map(\.text)).joined(separator: "\n"))
  }
}

/// One line of the comparison.
private struct OffloadRow: Encodable {
  var weights: String
  var vms: Int
  var roundSeconds: Int
  var cpuMilliseconds: Double
  var fpgaMilliseconds: Double
  var verdict: String

  /// Below this share of a round an answer is as good as at once.
  private static let negligible = 0.01
  /// A gain below this is within the uncertainty of both models.
  private static let clear = 1.5

  init(
    weights: String, vms: Int, roundSeconds: Int, cpuMilliseconds: Double,
    fpgaMilliseconds: Double
  ) {
    self.weights = weights
    self.vms = vms
    self.roundSeconds = roundSeconds
    self.cpuMilliseconds = cpuMilliseconds
    self.fpgaMilliseconds = fpgaMilliseconds
    let share = cpuMilliseconds / 1e3 / Double(roundSeconds)
    if share < Self.negligible {
      verdict = "no benefit: the cores answer within 1 % of the round"
    } else if cpuMilliseconds < Self.clear * fpgaMilliseconds {
      verdict = "no benefit: the card is no faster"
    } else {
      verdict = String(format: "the card is %.1f times faster", cpuMilliseconds / fpgaMilliseconds)
    }
  }

  var text: String {
    let share = 100 / (1e3 * Double(roundSeconds))
    return weights.padding(toLength: 7, withPad: " ", startingAt: 0)
      + String(
        format: " %7d %8d %10.3f %10.3f %7.2f %% %8.2f %%  ", vms, roundSeconds, cpuMilliseconds,
        fpgaMilliseconds, cpuMilliseconds * share, fpgaMilliseconds * share) + verdict
  }
}
