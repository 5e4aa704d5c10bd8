// SPDX-License-Identifier: Apache-2.0
import SimulationKernel
import Units

/// The way of predictions from the host to the card and back, as a queueing model.
///
/// A submission of N sequences is cut into jobs; each goes through the submission queue, a DMA
/// channel to the card, an engine, a DMA channel back, and is noticed by polling or an interrupt.
/// What finds the queue full, or the card dead, is computed by the host's processor. All of it is a
/// plain value that knows no simulator: ``submit(_:at:)`` says when the answers are there.
public struct HostPath: Sendable, Equatable {
  /// How the host notices that a job is done.
  public enum Completion: Sendable, Equatable {
    /// It looks every so often, counted from the submission.
    case poll(SimTime)
    /// An interrupt with a latency.
    case interrupt(SimTime)
  }

  /// What the path is made of.
  public struct Parameters: Sendable, Equatable {
    /// The DMA engine.
    public var transfer = TransferModel()
    /// DMA channels in each direction, ≥ 1.
    public var channels = 1
    /// Starting a kernel: 11.9 µs alone (XRT on a U250, iops_test_xrt log).
    public var enqueue: SimTime = .seconds(11.9e-6)
    /// Engines on the card, ≥ 1.
    public var engines = 1
    /// Sequences that an engine takes at once, ≥ 1.
    public var engineBatch = 16
    /// Time of an engine for one such batch, weights loaded or loading behind it.
    public var engineInterval: SimTime = .seconds(1e-4)
    /// Bytes to the card for each sequence (inputs, and weights when they are sent).
    public var bytesIn = 96
    /// Bytes to the host for each sequence.
    public var bytesOut = 2
    /// Most sequences in a job, ≥ 1.
    public var maximumJob = 256
    /// How long an incomplete job waits for more.
    public var maximumWait: SimTime = .zero
    /// Jobs that may wait for a channel, ≥ 1.
    public var queueCapacity = 1024
    /// Whether the next job is sent while an engine works.
    public var isDoubleBuffered = true
    /// How the end is noticed.
    public var completion = Completion.interrupt(.seconds(15e-6))
    /// Log-normal spread of a transfer's time; 0 means none. 180 KB take 80 µs, sometimes 200
    /// (dma_ip_drivers issue 110): about 0.35.
    public var jitter = 0.0
    /// Processor time per sequence when the card can't.
    public var fallback: SimTime = .seconds(45e-6)

    /// A U50-class card with one engine.
    public init() {}
  }

  /// What became of a submission.
  public struct Outcome: Sendable, Equatable {
    /// When the last answer is there.
    public var finishedAt: SimTime
    /// Sequences computed on the card.
    public var onCard: Int
    /// Sequences computed by the processor.
    public var onProcessor: Int
    /// Jobs that found the queue full.
    public var overflowed: Int
  }

  /// The path's parameters.
  public let parameters: Parameters
  private var failedFrom: SimTime?
  private var toCardFree: [SimTime]
  private var toHostFree: [SimTime]
  private var engineFree: [SimTime]
  private var processorFree: SimTime = .zero
  /// When jobs that were sent left the queue, in order of submission.
  private var leaving: [SimTime] = []
  private var stream: RandomStream

  /// An idle path.
  ///
  /// - Parameters:
  ///   - parameters: what it is made of.
  ///   - seed: of the jitter.
  /// - Precondition: counts are ≥ 1.
  public init(_ parameters: Parameters, seed: UInt64 = 0) {
    precondition(
      parameters.channels >= 1 && parameters.engines >= 1 && parameters.engineBatch >= 1
        && parameters.maximumJob >= 1 && parameters.queueCapacity >= 1, "an empty stage")
    self.parameters = parameters
    toCardFree = Array(repeating: .zero, count: parameters.channels)
    toHostFree = toCardFree
    engineFree = Array(repeating: .zero, count: parameters.engines)
    stream = RandomStream(seed: seed, purpose: "dma jitter")
  }

  /// From this time on the card doesn't answer; jobs not finished by then go to the processor.
  public mutating func fail(at time: SimTime) { failedFrom = min(failedFrom ?? time, time) }

  /// The card is back, empty.
  public mutating func repair(at time: SimTime) {
    failedFrom = nil
    for channel in toCardFree.indices { toCardFree[channel] = time }
    for channel in toHostFree.indices { toHostFree[channel] = time }
    for engine in engineFree.indices { engineFree[engine] = time }
    leaving = []
  }

  /// Submits sequences, in order of time, and tells when all answers are there.
  ///
  /// - Parameters:
  ///   - count: sequences, ≥ 0.
  ///   - time: not before the last submission.
  /// - Returns: the outcome.
  public mutating func submit(_ count: Int, at time: SimTime) -> Outcome {
    var outcome = Outcome(finishedAt: time, onCard: 0, onProcessor: 0, overflowed: 0)
    var rest = count
    while rest > 0 {
      let size = min(rest, parameters.maximumJob)
      rest -= size
      let ready = size < parameters.maximumJob ? time + parameters.maximumWait : time
      leaving.removeAll { $0 <= ready }
      let isFull = leaving.count >= parameters.queueCapacity
      if isFull { outcome.overflowed += 1 }
      let isAlive = failedFrom.map { ready < $0 } ?? true
      var end: SimTime?
      if !isFull, isAlive { end = runOnCard(size, ready: ready, submitted: time) }
      if let end, failedFrom.map({ end <= $0 }) ?? true {
        outcome.onCard += size
        outcome.finishedAt = max(outcome.finishedAt, end)
      } else {
        // A job that dies with the card is noticed then.
        let noticed = max(ready, end == nil ? ready : failedFrom ?? ready)
        processorFree = max(processorFree, noticed) + parameters.fallback * size
        outcome.onProcessor += size
        outcome.finishedAt = max(outcome.finishedAt, processorFree)
      }
    }
    return outcome
  }

  /// How long a submission to an idle path at `time` takes: a pure function.
  public static func latency(
    of count: Int, at time: SimTime = .zero, _ parameters: Parameters
  ) -> SimTime {
    var path = HostPath(parameters)
    return path.submit(count, at: time).finishedAt - time
  }

  private mutating func runOnCard(_ size: Int, ready: SimTime, submitted: SimTime) -> SimTime {
    let inbound = Self.earliest(toCardFree)
    let sent = max(ready, toCardFree[inbound])
    leaving.append(sent)
    let arrived = sent + transferTime(size * parameters.bytesIn, isToCard: true)
    let engine = Self.earliest(engineFree)
    let batches = (size + parameters.engineBatch - 1) / parameters.engineBatch
    let computed =
      max(arrived + parameters.enqueue, engineFree[engine]) + parameters.engineInterval * batches
    engineFree[engine] = computed
    toCardFree[inbound] = parameters.isDoubleBuffered ? arrived : computed
    let outbound = Self.earliest(toHostFree)
    let back =
      max(computed, toHostFree[outbound])
      + transferTime(size * parameters.bytesOut, isToCard: false)
    toHostFree[outbound] = back
    switch parameters.completion {
    case .interrupt(let latency): return back + latency
    case .poll(let interval):
      guard interval > .zero else { return back }
      let waited = (back - submitted).nanoseconds
      let looks = (waited + interval.nanoseconds - 1) / interval.nanoseconds
      return submitted + interval * Int(looks)
    }
  }

  private mutating func transferTime(_ bytes: Int, isToCard: Bool) -> SimTime {
    let seconds = parameters.transfer.seconds(bytes: bytes, isToCard: isToCard)
    guard parameters.jitter > 0 else { return .seconds(seconds) }
    return .seconds(stream.logNormal(median: seconds, sigma: parameters.jitter))
  }

  private static func earliest(_ times: [SimTime]) -> Int {
    var best = 0
    for index in times.indices where times[index] < times[best] { best = index }
    return best
  }
}
