// SPDX-License-Identifier: Apache-2.0
import FPGAModel
import Testing

/// Published synthesis reports of Khoda et al. 2022 (arXiv:2207.00559).
private struct Reports: Decodable {
  struct Row: Decodable {
    var model: RecurrentCell
    var strategy: String
    var reuse: Int
    var ap_total: Int
    var ap_int: Int
    var lat_min_us: Double
    var lat_max_us: Double
    var dsp: Double
    var ff: Double
    var lut: Double
    var bram18: Double
    var rf_eff: [String: Int]?
  }
  var rows: [Row]

  static let file = "fpga/hls_csynth_rnn.json"
}

extension Reports.Row {
  var estimate: EngineEstimate {
    ReuseFactorEngine(
      network: NetworkShape(cell: model, inputs: 6, hidden: 20, steps: 20, dense: [64, 1]),
      reuse: reuse, format: WordFormat(bits: ap_total, integerBits: ap_int), clockHertz: 200e6
    ).estimate()
  }

  func error(_ own: Double, _ published: Double) -> Double { abs(own / published - 1) }
  var latencyError: Double { error(estimate.latencySeconds * 1e6, lat_min_us) }
  var maximumLatencyError: Double { error(estimate.maximumLatencySeconds * 1e6, lat_max_us) }
}

private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

@Suite(
  "reuse factor against published reports",
  .enabled(if: SharedData.exists(Reports.file), "skipped: no shared data"))
struct ReuseFactorReportTests {
  private let rows: [Reports.Row]

  init() throws {
    rows = try SharedData.decode(Reports.self, Reports.file).rows
  }

  private func resource(_ bits: ClosedRange<Int>) -> [Reports.Row] {
    rows.filter { $0.strategy == "Resource" && $0.reuse >= 32 && bits.contains($0.ap_total) }
  }

  @Test("valid factors are those of the reports")
  func factors() {
    for row in rows {
      guard let effective = row.rf_eff, row.strategy == "Resource" else { continue }
      let gates = row.model.gates * 20
      let matrices = [
        ("kernel", 6, gates), ("recurrent", 20, gates), ("dense1", 20, 64), ("dense2", 64, 1),
      ]
      for (name, inputs, outputs) in matrices {
        let own = ReuseFactor.closest(to: row.reuse, inputs: inputs, outputs: outputs)
        #expect(own == effective[name], "\(row.model) \(row.reuse) \(name)")
      }
    }
  }

  /// Stated figures of the model; reports give three to four digits.
  @Test("latency within 0.2 % on average and 1.5 % at most, 12 to 26 bits")
  func latency() {
    let errors = resource(12...26).map(\.latencyError)
    #expect(errors.count > 200)
    #expect(mean(errors) <= 0.002, "\(mean(errors))")
    #expect(errors.max() ?? 1 <= 0.015)
    let longest = resource(12...26).map(\.maximumLatencyError)
    #expect(mean(longest) <= 0.002, "\(mean(longest))")
    #expect(longest.max() ?? 1 <= 0.015)
  }

  @Test("multipliers within 0.5 % on average, 12 to 18 bits")
  func multipliers() {
    let errors = resource(12...18).map { $0.error($0.estimate.resources.dsp, $0.dsp) }
    #expect(errors.count > 100)
    #expect(mean(errors) <= 0.005, "\(mean(errors))")
  }

  /// Regimes that are less exact, with the errors that the DocC page states.
  @Test("narrow, wide and unshared designs keep to their stated errors")
  func otherRegimes() {
    let narrow = resource(8...10).map(\.latencyError)
    #expect(mean(narrow) <= 0.005 && narrow.max() ?? 1 <= 0.02, "\(mean(narrow))")
    #expect(resource(8...10).allSatisfy { $0.estimate.resources.dsp == $0.dsp })
    let wide = resource(28...30).map(\.latencyError)
    #expect(mean(wide) <= 0.003 && wide.max() ?? 1 <= 0.01, "\(mean(wide))")
    let unshared = rows.filter { $0.strategy == "Latency" }
    let latencies = unshared.map(\.latencyError)
    #expect(mean(latencies) <= 0.06 && latencies.max() ?? 1 <= 0.2, "\(mean(latencies))")
    let blocks = unshared.filter { $0.ap_total > 10 }.map {
      $0.error($0.estimate.resources.dsp, $0.dsp)
    }
    #expect(mean(blocks) <= 0.15, "\(mean(blocks))")
    let wideBlocks = resource(20...30).map { $0.error($0.estimate.resources.dsp, $0.dsp) }
    // Some splits of 22 and 26 bits trim constants to half the blocks.
    #expect(mean(wideBlocks) <= 0.09 && wideBlocks.max() ?? 2 <= 1, "\(mean(wideBlocks))")
  }

  @Test("logic and memory within the errors of the fit")
  func area() {
    let rows = resource(12...26)
    func errors(_ own: (DeviceResources) -> Double, _ row: (Reports.Row) -> Double) -> Double {
      mean(rows.map { $0.error(own($0.estimate.resources), row($0)) })
    }
    #expect(errors(\.flipFlops, \.ff) <= 0.04)
    #expect(errors(\.lut, \.lut) <= 0.05)
    #expect(errors(\.bram18, \.bram18) <= 0.04)
  }
}

@Suite("reuse factor")
struct ReuseFactorTests {
  /// Synthesis report of LFADS (GRU, T = 73, I = H = 64, reuse 64): 5403 … 5476 cycles, of which the
  /// overhead is fitted, and 576 multipliers, which are not.
  @Test("the stream profile meets the report it is named for")
  func stream() {
    let estimate = ReuseFactorEngine(
      network: NetworkShape(cell: .gru, inputs: 64, hidden: 64, steps: 73), reuse: 64,
      format: WordFormat(bits: 16, integerBits: 8), clockHertz: 200e6, profile: .streamGru
    ).estimate()
    #expect(estimate.cycles == 5403)
    #expect(estimate.maximumCycles == 5476)
    #expect(estimate.resources.dsp == 576)
  }

  /// LSTM(4), T = 16, reuse 1: 95 cycles in its test-bench log.
  @Test("the tiny profile meets the log it is named for")
  func tiny() {
    let estimate = ReuseFactorEngine(
      network: NetworkShape(inputs: 1, hidden: 4, steps: 16), reuse: 1,
      format: WordFormat(bits: 16, integerBits: 6), clockHertz: 200e6, strategy: .resource,
      profile: .tinyLstm
    ).estimate()
    #expect(estimate.cycles == 95)
  }

  @Test(
    "the closest factor is the best of all valid ones", arguments: [(6, 80), (20, 60), (64, 1)])
  func closest(inputs: Int, outputs: Int) {
    let valid = (1...inputs * outputs).filter {
      ReuseFactor.isValid($0, inputs: inputs, outputs: outputs)
    }
    for wanted in 1...2 * inputs * outputs {
      let best = valid.min { (abs($0 - wanted), $0) < (abs($1 - wanted), $1) }
      #expect(ReuseFactor.closest(to: wanted, inputs: inputs, outputs: outputs) == best)
    }
  }
}
