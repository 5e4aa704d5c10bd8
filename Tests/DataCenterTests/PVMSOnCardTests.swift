// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import FPGAModel
import SimulationKernel
import Testing
import Units

/// PVMS in the plant with an FPGA card as its compute backend: results count when they arrive.
@Suite("PVMS on a card")
struct PVMSOnCardTests {
  private static let network = NetworkShape(inputs: 24, hidden: 32, steps: 12, dense: [33])
  private static let begin = SimTime.minutes(180)

  private func card(_ change: (inout HostPath.Parameters) -> Void = { _ in }) -> FPGABackend {
    var path = HostPath.Parameters()
    change(&path)
    return FPGABackend(
      engine: UnitParallelEngine(network: Self.network, units: 8, batch: 16, clockHertz: 200e6),
      engines: 1, weights: .bram, path: path)
  }

  private func run(_ backend: FPGABackend) throws -> (PlantTotals, [LogRecord]) {
    var fixture = PlantFixture.spike()
    fixture.policy = fixture.foresight(backend: backend)
    let (_, totals, log) = try fixture.run()
    return (totals, log)
  }

  private func fallbacks(_ log: [LogRecord]) -> [LogRecord] {
    log.filter { $0.kind == .alert && $0.detail.hasPrefix("computeFallback") }
  }

  @Test("a working card costs nothing but its latency, forecasts and decisions alike")
  func working() throws {
    let backend = card()
    let (totals, log) = try run(backend)
    #expect(totals.degradedVmSeconds == 0)
    #expect(fallbacks(log).isEmpty)
    // The first decision of all has gone to the card and back.
    let first = try #require(log.first { $0.kind == .decision })
    #expect(first.time >= backend.balancingLatency(vmCount: 1))
    #expect(backend.balancingLatency(vmCount: 1) > .zero)
  }

  /// The card is away from before the forecast of the spike is due until long after; the processor
  /// needs ten minutes for the VM, so that the forecast comes when the spike is half over.
  @Test("a card that fails makes forecasts as late as the processor is slow")
  func failure() throws {
    let slow = card {
      $0.outages.listed = [.minutes(150) ..< .minutes(260)]
      $0.fallback = .minutes(10)
    }
    let (late, log) = try run(slow)
    #expect(late.degradedVmSeconds > 0)
    let alerts = fallbacks(log)
    #expect(alerts.count >= 2)
    let first = try #require(alerts.first)
    #expect(first.time >= .minutes(150) && first.time <= .minutes(156))
    #expect(alerts.last?.detail.contains("again") == true)
    let quick = card {
      $0.outages.listed = [.minutes(150) ..< .minutes(260)]
      $0.fallback = .milliseconds(1)
    }
    let (inTime, quickLog) = try run(quick)
    #expect(inTime.degradedVmSeconds == 0)
    #expect(!fallbacks(quickLog).isEmpty)
  }

  @Test("decisions of a dead card come from the processor, and are carried out when they do")
  func lateDecisions() throws {
    let dead = card {
      $0.outages.listed = [.zero ..< .hours(6)]
      $0.fallback = .milliseconds(1)
      $0.decisionFallback = .seconds(40)
    }
    let (_, log) = try run(dead)
    let first = try #require(log.first { $0.kind == .decision })
    #expect(first.time >= .seconds(40))
  }

  /// Each transfer holds the one channel for longer than an interval, and one job may wait.
  @Test("a full queue sends work to the processor, and PVMS says so")
  func overflow() throws {
    let narrow = card {
      $0.transfer.fixedSeconds = 400
      $0.queueCapacity = 1
      $0.fallback = .milliseconds(1)
      $0.decisionFallback = .milliseconds(1)
    }
    let (_, log) = try run(narrow)
    #expect(!fallbacks(log).isEmpty)
  }

  @Test("jitter moves orders in time, the same with the same seed")
  func jitter() throws {
    func times(_ jitter: Double) throws -> [SimTime] {
      let backend = card {
        $0.transfer.fixedSeconds = 10
        $0.jitter = jitter
      }
      return try run(backend).1.filter { $0.kind == .decision }.map(\.time)
    }
    let calm = try times(0)
    let first = try times(0.5)
    #expect(first != calm)
    #expect(try times(0.5) == first)
  }
}
