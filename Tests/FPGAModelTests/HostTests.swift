// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import FPGAModel
import SimulationKernel
import Testing
import Units

private struct Published: Decodable {
  struct Row: Decodable {
    var id: String
    var cell: String?
    var T: Int?
    var I: Int?
    var H: Int?
    var cycles_min: Double?
  }
  struct Links: Decodable {
    struct Log: Decodable {
      struct Row: Decodable {
        var KB: Double
        var h2c: Double
        var c2h: Double
      }
      var rows: [Row]
    }
    var dma_u200: Log
  }
  var rows: [Row]
  var host_link: Links

  static let file = "fpga/published.json"
}

@Suite(
  "host link against published figures",
  .enabled(if: SharedData.exists(Published.file), "skipped: no shared data"))
struct PublishedHostTests {
  /// Stated figure of the model; the log itself scatters by 10 % between neighbours.
  @Test("each point of the DMA log within 11 %")
  func transfers() throws {
    let log = try SharedData.decode(Published.self, Published.file).host_link.dma_u200
    #expect(log.rows.count == 11)
    for row in log.rows {
      let bytes = row.KB * 1024
      for (rate, isToCard) in [(row.h2c, true), (row.c2h, false)] {
        let measured = bytes / (rate * 0x1p20)
        let own = TransferModel().seconds(bytes: Int(bytes), isToCard: isToCard)
        #expect(abs(own / measured - 1) <= 0.11, "\(row.KB) KB, to card: \(isToCard)")
      }
    }
  }

  /// From memory of the paper, unverified. The one-step row is all start-up and not of this model.
  @Test("Brainwave's rows within 6 %")
  func brainwave() throws {
    let rows = try SharedData.decode(Published.self, Published.file).rows.filter {
      $0.id.hasPrefix("BW-") && $0.T != 1
    }
    #expect(rows.count == 10)
    for row in rows {
      let network = NetworkShape(
        cell: row.cell == "LSTM" ? .lstm : .gru, inputs: try #require(row.I),
        hidden: try #require(row.H), steps: try #require(row.T))
      let own = Double(FloorBoundEngine().cycles(network))
      #expect(abs(own / (try #require(row.cycles_min)) - 1) <= 0.06, "\(row.id)")
    }
  }
}

@Suite("host path")
struct HostPathTests {
  /// Transfers of 10 µs, kernels of 5 µs, batches of 20 µs, interrupts of 1 µs.
  private static func parameters() -> HostPath.Parameters {
    var parameters = HostPath.Parameters()
    parameters.transfer.fixedSeconds = 10e-6
    parameters.enqueue = .seconds(5e-6)
    parameters.engineInterval = .seconds(20e-6)
    parameters.engineBatch = 4
    parameters.maximumJob = 8
    parameters.completion = .interrupt(.seconds(1e-6))
    parameters.fallback = .seconds(100e-6)
    return parameters
  }

  private func microseconds(_ count: Int, _ change: (inout HostPath.Parameters) -> Void) -> Double {
    var parameters = Self.parameters()
    change(&parameters)
    return (HostPath.latency(of: count, parameters).seconds * 1e6).rounded()
  }

  @Test("one job is the sum of its stages")
  func oneJob() {
    // 10 to the card, 5 to start, 20 a batch, 10 back, 1 until noticed.
    let two = microseconds(8) { _ in }
    let one = microseconds(4) { _ in }
    let waiting = microseconds(4) { $0.maximumWait = .seconds(7e-6) }
    let polled = microseconds(4) { $0.completion = .poll(.seconds(50e-6)) }
    let none = microseconds(0) { _ in }
    #expect([two, one, waiting, polled, none] == [66, 46, 53, 50, 0])
  }

  @Test("with double buffering a further job costs the slowest stage, without all on the card")
  func steadyState() {
    let engineBound = microseconds(80) { _ in }
    let transferBound = microseconds(80) { $0.engines = 100 }
    let serial = microseconds(80) { $0.isDoubleBuffered = false }
    // The first job takes 66; nine more follow at 40, 10 and 55.
    #expect([engineBound, transferBound, serial] == [426, 156, 561])
  }

  @Test("what finds the queue full goes to the processor")
  func overflow() {
    var parameters = Self.parameters()
    parameters.queueCapacity = 2
    var path = HostPath(parameters)
    let outcome = path.submit(8 * 10, at: .zero)
    #expect(outcome.onCard + outcome.onProcessor == 80)
    #expect(outcome.overflowed == 7)
    #expect(outcome.onProcessor == 56)
    #expect(outcome.finishedAt == .seconds(5600e-6))
  }

  @Test("a card that fails loses no sequence, and is used again after its repair")
  func failure() {
    var parameters = Self.parameters()
    parameters.outages.listed = [.seconds(100e-6) ..< .seconds(2)]
    var path = HostPath(parameters)
    let during = path.submit(24, at: .zero)
    #expect(during.onCard == 8 && during.onProcessor == 16)
    #expect(during.finishedAt == .seconds(1700e-6))
    let after = path.submit(8, at: .seconds(1))
    #expect(after.onCard == 0 && after.finishedAt == .seconds(1 + 800e-6))
    let decided = path.decide(8, at: .seconds(1.5))
    #expect(decided.onProcessor == 8 && decided.finishedAt == .seconds(1.5 + 16e-6))
    let repaired = path.submit(8, at: .seconds(2))
    #expect(repaired.onCard == 8 && repaired.finishedAt == .seconds(2 + 66e-6))
  }

  /// Renewal theory: a card is away for repair / (time between failures + repair) of the time.
  @Test("failures by chance take their share of the time, the same with the same seed")
  func failuresByChance() {
    var parameters = Self.parameters()
    parameters.outages.meanTimeBetweenFailures = .hours(9)
    parameters.outages.repairTime = .hours(1)
    func lost(_ seed: UInt64) -> [Bool] {
      var path = HostPath(parameters, seed: seed)
      return (0..<20_000).map { path.submit(1, at: .minutes(10 * $0)).onProcessor == 1 }
    }
    let share = Double(lost(1).count { $0 }) / 20_000
    // About 333 failures: 10 % ± 4 standard errors of their exponential gaps.
    #expect((0.08...0.125).contains(share), "\(share)")
    #expect(lost(1) == lost(1))
    #expect(lost(1) != lost(2))
  }

  @Test("requests that come before a job has to start share it")
  func batchFormer() {
    var parameters = Self.parameters()
    parameters.maximumWait = .seconds(7e-6)
    var path = HostPath(parameters)
    let outcomes = path.submit([
      .init(count: 3, at: .zero), .init(count: 1, at: .seconds(5e-6)),
      .init(count: 4, at: .seconds(9e-6)),
    ])
    // Four leave together at 7 µs; four more leave at 16 µs, wait for the channel until 17 and for
    // the engine, which is free at 42 µs.
    let ends = outcomes.map { ($0.finishedAt.seconds * 1e6).rounded() }
    #expect(ends == [53, 53, 73])
    var full = HostPath(parameters)
    let filled = full.submit([.init(count: 5, at: .zero), .init(count: 5, at: .seconds(3e-6))])
    // Eight leave at 3 µs, when the job is full; the last two wait until 10 µs.
    let fullEnds = filled.map { ($0.finishedAt.seconds * 1e6).rounded() }
    #expect(fullEnds == [69, 89])
  }

  /// Loads of 8 VMs: 10 µs to the card, 5 to start, 1 row + 3 levels + 2 at 1 MHz, 10 back, 1.
  @Test("a decision has its own unit, and its answer passes forecasts that take long")
  func decisions() {
    var parameters = Self.parameters()
    parameters.decisionClockHertz = 1e6
    var path = HostPath(parameters)
    #expect(path.decide(8, at: .zero).finishedAt == .seconds(32e-6))
    var busy = HostPath(parameters)
    #expect(busy.submit(80, at: .zero).finishedAt == .seconds(426e-6))
    // Ten transfers are before it on the way to the card, none of their results on the way back.
    #expect(busy.decide(8, at: .zero).finishedAt == .seconds(132e-6))
    #expect(HostPath.decisionLatency(of: 8, parameters) == .seconds(32e-6))
  }

  @Test("however requests fall, nothing is lost and nothing is done before it can be")
  func conservation() {
    var stream = RandomStream(seed: 21, purpose: "host path")
    for _ in 0..<200 {
      var parameters = Self.parameters()
      parameters.jitter = stream.uniform() < 0.5 ? 0 : 0.4
      parameters.queueCapacity = 1 + stream.integer(below: 6)
      parameters.channels = 1 + stream.integer(below: 3)
      parameters.engines = 1 + stream.integer(below: 3)
      parameters.outages.meanTimeBetweenFailures = .seconds(2e-3)
      parameters.outages.repairTime = .seconds(5e-4)
      var path = HostPath(parameters, seed: UInt64(stream.integer(below: 1000)))
      var now = SimTime.zero
      for _ in 0..<30 {
        now = now + .seconds(stream.uniform() * 4e-4)
        let count = stream.integer(below: 60)
        let outcome = path.submit(count, at: now)
        #expect(outcome.onCard + outcome.onProcessor == count)
        #expect(count == 0 ? outcome.finishedAt == now : outcome.finishedAt > now)
        let decision = path.decide(5, at: now)
        #expect(decision.onCard + decision.onProcessor == 5 && decision.finishedAt > now)
      }
    }
  }

  @Test("jitter repeats with its seed and leaves the median alone")
  func jitter() {
    var parameters = Self.parameters()
    parameters.jitter = 0.35
    func latencies(_ seed: UInt64) -> [Double] {
      var path = HostPath(parameters, seed: seed)
      return (0..<501).map { round in
        path.submit(8, at: .seconds(round)).finishedAt.seconds - Double(round)
      }
    }
    #expect(latencies(3) == latencies(3))
    #expect(latencies(3) != latencies(4))
    // Median of two log-normal transfers plus 46 µs; the sum's median is 3 % above twice 10 µs.
    let median = latencies(3).sorted()[250] * 1e6
    #expect((64...70).contains(median), "\(median)")
  }
}

@Suite("backends")
struct BackendTests {
  private static let network = NetworkShape(inputs: 4, hidden: 32, steps: 12, dense: [1])

  private static func card(_ weights: WeightResidency) -> FPGABackend {
    FPGABackend(
      engine: UnitParallelEngine(network: network, units: 32, batch: 16, clockHertz: 250e6),
      engines: 16, weights: weights)
  }

  /// The honest comparison of one round of 4000 VMs: with shared weights sixteen cores do as well as
  /// a card; with a model for each VM, batches of one, the card wins clearly.
  @Test("offload pays with a model for each VM, and hardly with a shared one")
  func comparison() {
    let shared = CPUBatchBackend(
      perCall: .seconds(11.5e-6), perVM: .seconds(2.7e-6), batch: 256, cores: 16)
    let own = CPUBatchBackend(
      perCall: .seconds(11.5e-6), perVM: .seconds(1.5e-6), batch: 1, cores: 16)
    func ratio(_ cpu: CPUBatchBackend, _ weights: WeightResidency) -> Double {
      cpu.predictionLatency(vmCount: 4000).seconds
        / Self.card(weights).predictionLatency(vmCount: 4000).seconds
    }
    #expect((0.5...3).contains(ratio(shared, .bram)), "\(ratio(shared, .bram))")
    #expect(ratio(own, .hbm) > 3, "\(ratio(own, .hbm))")
    #expect(ratio(own, .host) < 1, "\(ratio(own, .host))")
  }

  @Test("latency grows with the number of VMs on every backend")
  func monotonic() {
    let backends: [any ComputeBackend] = [
      Self.card(.bram), Self.card(.hbm),
      CPUBatchBackend(perCall: .seconds(1e-5), perVM: .seconds(1e-6), batch: 64, cores: 4),
    ]
    for backend in backends {
      var last = SimTime.zero
      for count in stride(from: 0, through: 20_000, by: 640) {
        let latency = backend.predictionLatency(vmCount: count)
        #expect(latency >= last)
        #expect(backend.balancingLatency(vmCount: count) >= .zero)
        last = latency
      }
    }
  }
}
