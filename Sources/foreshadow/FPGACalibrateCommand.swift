// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FPGAModel
import Forecasting
import Foundation

/// `foreshadow fpga calibrate`: what an LSTM costs on this machine's processor.
struct FPGACalibrateCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Measure the LSTM on one core here: cost of a call and of a VM in it.",
    discussion: """
      Prints the lines for a scenario's `compute: { cpu-batch: … }`; a call begins with nothing, as \
      on a card. With the state of each VM kept, as PVMS does it, a round is one step: --steps 1. \
      Other work on the machine makes it slower: the least of many calls counts.
      """)

  @OptionGroup var sizes: NetworkOptions

  @Flag(help: "Print JSON.")
  var json = false

  private static let batches = [1, 16, 64, 256]

  mutating func execute() throws {
    guard sizes.cell == .lstm, sizes.dense.count == 1 else {
      throw ValidationError("an lstm with one dense layer is measured")
    }
    guard sizes.steps * max(sizes.input, 4 * sizes.hidden) <= 200_000, sizes.hidden <= 1024 else {
      throw ValidationError("this network is too large to measure: --steps × 4 · --hidden ≤ 200000")
    }
    let shape = LSTMShape(
      inputs: sizes.input, hidden: sizes.hidden, layers: sizes.layers, outputs: sizes.dense[0])
    let network = LSTMNetwork<Float>(
      shape: shape,
      parameters: (0..<shape.parameterCount).map { Float($0 % 17 - 8) / 40 })
    let points = Self.batches.map { (batch: $0, seconds: measure(network, batch: $0)) }
    // The line through the smallest and the largest batch.
    let (first, last) = (points[0], points[points.count - 1])
    let perVM = max(0, (last.seconds - first.seconds) / Double(last.batch - first.batch))
    let perCall = max(0, first.seconds - perVM)
    let answer = Calibration(
      callMicroseconds: perCall * 1e6, vmMicroseconds: perVM * 1e6,
      balancingNanoseconds: measureDecision() * 1e9,
      batches: points.map { .init(batch: $0.batch, microseconds: $0.seconds * 1e6) })
    guard !json else { return try writeJSON(answer) }
    let rows = answer.batches.map {
      String(
        format: "batch %4d %12.1f µs %8.2f µs a VM", $0.batch, $0.microseconds,
        $0.microseconds / Double($0.batch))
    }
    let line = String(
      format: "compute: { cpu-batch: { callTime: %.2f us, vmTime: %.3f us, batch: 256 } }",
      answer.callMicroseconds, answer.vmMicroseconds)
    try Console.write((rows + [line]).joined(separator: "\n"))
  }

  /// Least time of a call, in seconds. Forecasts run in the fused kernel, where it takes the width.
  private func measure(_ network: LSTMNetwork<Float>, batch: Int) -> Double {
    guard StreamingLSTM.supports(network.shape) else {
      let inputs = [Float](repeating: 0.5, count: sizes.steps * batch * sizes.input)
      return least {
        let pass = network.forward(
          inputs, steps: sizes.steps, batch: batch, from: network.initialState(batch: batch))
        precondition(!pass.outputs.isEmpty, "no output")
      }
    }
    let inputs = [Float](repeating: 0.5, count: batch * sizes.input)
    var stream = StreamingLSTM(network, seriesCount: batch)
    return least {
      for _ in 0..<sizes.steps { stream.step(inputs: inputs) }
      precondition(!stream.outputs().isEmpty, "no output")
    }
  }

  /// Time to find the least loaded of many VMs and count those at a threshold, per VM, in seconds.
  private func measureDecision() -> Double {
    let loads = (0..<4096).map { Int16(truncatingIfNeeded: $0 &* 7919) }
    let seconds = least {
      precondition(DecisionUnit.decide(loads, threshold: 20_000).reaching >= 0, "no answer")
    }
    return seconds / Double(loads.count)
  }

  /// Least of at least 20 times and about 0.2 s.
  private func least(_ work: () -> Void) -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    var least = Duration.seconds(3600)
    var calls = 0
    while calls < 20 || clock.now - start < .milliseconds(200) {
      least = min(least, clock.measure(work))
      calls += 1
      if clock.now - start > .seconds(20) { break }
    }
    return least / .seconds(1)
  }
}

/// What `calibrate` prints.
private struct Calibration: Encodable {
  struct Point: Encodable {
    var batch: Int
    var microseconds: Double
  }
  var callMicroseconds: Double
  var vmMicroseconds: Double
  var balancingNanoseconds: Double
  var batches: [Point]
}
