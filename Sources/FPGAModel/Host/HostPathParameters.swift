// SPDX-License-Identifier: Apache-2.0
public import Units

extension HostPath {
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
    /// The unit that decides about traffic; it works beside the engines.
    public var decisionUnit = DecisionUnit()
    /// Its clock in Hz.
    public var decisionClockHertz = 200e6
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
    /// Processor time per VM of a decision when the card can't.
    public var decisionFallback: SimTime = .seconds(2e-6)
    /// When the card doesn't answer.
    public var outages = CardOutages()

    /// A U50-class card with one engine.
    public init() {}

    /// The same without chance and mishap.
    var undisturbed: Parameters {
      var path = self
      path.jitter = 0
      path.outages = CardOutages()
      return path
    }
  }

  /// Sequences handed over at a time.
  public struct Request: Sendable, Equatable {
    /// Sequences, ≥ 0.
    public var count: Int
    /// When.
    public var at: SimTime

    /// A request.
    public init(count: Int, at: SimTime) {
      self.count = count
      self.at = at
    }
  }

  /// What became of a submission.
  public struct Outcome: Sendable, Equatable {
    /// When the last answer is there.
    public var finishedAt: SimTime
    /// Sequences computed on the card.
    public var onCard = 0
    /// Sequences computed by the processor.
    public var onProcessor = 0
    /// Jobs that found the queue full.
    public var overflowed = 0
  }
}

/// Times in which a channel is taken, of which gaps can be filled: a short transfer that is ready
/// early does not wait for a long one that will be.
struct TransferChannel: Sendable, Equatable, Codable {
  private var taken: [Range<SimTime>] = []

  /// Forgets what is past.
  mutating func forget(before time: SimTime) { taken.removeAll { $0.upperBound <= time } }

  /// The earliest start, not before a time, at which the channel is free for long enough.
  func start(from time: SimTime, for length: SimTime) -> SimTime {
    var start = time
    for interval in taken where interval.upperBound > start {
      if start + length <= interval.lowerBound { break }
      start = interval.upperBound
    }
    return start
  }

  /// Takes the channel; `start` came from ``start(from:for:)``.
  mutating func take(_ start: SimTime, for length: SimTime) {
    guard length > .zero else { return }
    let place = taken.firstIndex { $0.lowerBound >= start } ?? taken.endIndex
    taken.insert(start..<start + length, at: place)
  }
}
