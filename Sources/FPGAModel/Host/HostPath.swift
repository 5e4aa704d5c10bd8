// SPDX-License-Identifier: Apache-2.0
import SimulationKernel
public import StateArchive
public import Units

/// The way of predictions and decisions from the host to the card and back, as a queueing model.
///
/// Sequences are formed into jobs (of a largest size, after a longest wait); each goes through the
/// submission queue, a DMA channel to the card, an engine, a DMA channel back, and is noticed by
/// polling or an interrupt. A decision about traffic is one job for the decision unit. What finds
/// the queue full, or the card dead, is computed by the host's processor. All of it is a plain value
/// that knows no simulator: ``submit(_:at:)`` says when the answers are there.
public struct HostPath: Sendable, Equatable {
  /// The path's parameters.
  public let parameters: Parameters
  private var outages: OutageCalendar
  private var lastRepair: SimTime = .zero
  private var toCardFree: [SimTime]
  private var toHost: [TransferChannel]
  private var engineFree: [SimTime]
  private var decisionUnitFree: SimTime = .zero
  private var processorFree: SimTime = .zero
  /// When jobs that were sent left the queue, in order of submission.
  private var leaving: [SimTime] = []
  private var stream: RandomStream

  /// An idle path.
  ///
  /// - Parameters:
  ///   - parameters: what it is made of.
  ///   - seed: of the jitter and of failures by chance.
  /// - Precondition: counts are ≥ 1.
  public init(_ parameters: Parameters, seed: UInt64 = 0) {
    precondition(
      parameters.channels >= 1 && parameters.engines >= 1 && parameters.engineBatch >= 1
        && parameters.maximumJob >= 1 && parameters.queueCapacity >= 1, "an empty stage")
    self.parameters = parameters
    outages = OutageCalendar(parameters.outages, seed: seed)
    toCardFree = Array(repeating: .zero, count: parameters.channels)
    toHost = Array(repeating: TransferChannel(), count: parameters.channels)
    engineFree = Array(repeating: .zero, count: parameters.engines)
    stream = RandomStream(seed: seed, purpose: "dma jitter")
  }

  /// Submits sequences and tells when all answers are there.
  ///
  /// - Parameters:
  ///   - count: sequences, ≥ 0.
  ///   - time: not before the last submission.
  /// - Returns: the outcome.
  public mutating func submit(_ count: Int, at time: SimTime) -> Outcome {
    submit([Request(count: count, at: time)])[0]
  }

  /// Submits several requests, which share jobs where one comes before another's job has to start.
  ///
  /// - Parameter requests: in order of time, not before the last submission.
  /// - Returns: the outcome of each.
  public mutating func submit(_ requests: [Request]) -> [Outcome] {
    var outcomes = requests.map { Outcome(finishedAt: $0.at) }
    for batch in BatchFormer.jobs(requests, parameters) {
      let size = batch.parts.reduce(0) { $0 + $1.count }
      let batches = (size + parameters.engineBatch - 1) / parameters.engineBatch
      let job = Job(
        ready: batch.ready, submitted: requests[batch.parts[0].request].at,
        bytesIn: size * parameters.bytesIn, bytesOut: size * parameters.bytesOut,
        computing: parameters.engineInterval * batches, isDecision: false,
        fallback: parameters.fallback * size)
      let fate = run(job)
      for (request, count) in batch.parts { outcomes[request].add(fate, count: count) }
    }
    return outcomes
  }

  /// Submits a decision about the traffic of `count` VMs: their loads, 16 bits each, to the card,
  /// the least of them found, the answer back.
  ///
  /// - Parameters:
  ///   - count: VMs, ≥ 0.
  ///   - time: not before the last submission.
  /// - Returns: the outcome.
  public mutating func decide(_ count: Int, at time: SimTime) -> Outcome {
    var outcome = Outcome(finishedAt: time)
    guard count > 0 else { return outcome }
    let cycles = Double(parameters.decisionUnit.cycles(count: count))
    let job = Job(
      ready: time, submitted: time, bytesIn: 2 * count, bytesOut: 8,
      computing: .seconds(cycles / parameters.decisionClockHertz), isDecision: true,
      fallback: parameters.decisionFallback * count)
    outcome.add(run(job), count: count)
    return outcome
  }

  /// How long a submission to an idle path takes without jitter and failures.
  public static func latency(of count: Int, _ parameters: Parameters) -> SimTime {
    var path = HostPath(parameters.undisturbed)
    return path.submit(count, at: .zero).finishedAt
  }

  /// How long a decision on an idle path takes without jitter and failures.
  public static func decisionLatency(of count: Int, _ parameters: Parameters) -> SimTime {
    var path = HostPath(parameters.undisturbed)
    return path.decide(count, at: .zero).finishedAt
  }

  // MARK: - One job

  private struct Job {
    var ready: SimTime
    var submitted: SimTime
    var bytesIn: Int
    var bytesOut: Int
    var computing: SimTime
    var isDecision: Bool
    var fallback: SimTime
  }

  struct Fate {
    var end: SimTime
    var isOnCard: Bool
    var hasOverflowed = false
  }

  private mutating func run(_ job: Job) -> Fate {
    if let repair = outages.lastRepair(until: job.ready), repair > lastRepair {
      restart(at: repair)
    }
    leaving.removeAll { $0 <= job.ready }
    guard leaving.count < parameters.queueCapacity else {
      return Fate(end: processed(job, from: job.ready), isOnCard: false, hasOverflowed: true)
    }
    let outage = outages.next(at: job.ready)
    if let outage, outage.lowerBound <= job.ready {
      return Fate(end: processed(job, from: job.ready), isOnCard: false)
    }
    let end = runOnCard(job)
    if let outage, end > outage.lowerBound {
      // A job that dies with the card is noticed then.
      return Fate(end: processed(job, from: outage.lowerBound), isOnCard: false)
    }
    return Fate(end: end, isOnCard: true)
  }

  /// The card is back, empty.
  private mutating func restart(at time: SimTime) {
    lastRepair = time
    for channel in toCardFree.indices { toCardFree[channel] = time }
    for channel in toHost.indices { toHost[channel] = TransferChannel() }
    for engine in engineFree.indices { engineFree[engine] = time }
    decisionUnitFree = time
    leaving = []
  }

  private mutating func processed(_ job: Job, from time: SimTime) -> SimTime {
    processorFree = max(processorFree, time) + job.fallback
    return processorFree
  }

  private mutating func runOnCard(_ job: Job) -> SimTime {
    let inbound = Self.earliest(toCardFree)
    let sent = max(job.ready, toCardFree[inbound])
    leaving.append(sent)
    let arrived = sent + transferTime(job.bytesIn, isToCard: true)
    let computed: SimTime
    if job.isDecision {
      computed = max(arrived + parameters.enqueue, decisionUnitFree) + job.computing
      decisionUnitFree = computed
    } else {
      let engine = Self.earliest(engineFree)
      computed = max(arrived + parameters.enqueue, engineFree[engine]) + job.computing
      engineFree[engine] = computed
    }
    toCardFree[inbound] = parameters.isDoubleBuffered ? arrived : computed
    let back = sendBack(job, from: computed)
    switch parameters.completion {
    case .interrupt(let latency): return back + latency
    case .poll(let interval):
      guard interval > .zero else { return back }
      let waited = (back - job.submitted).nanoseconds
      let looks = (waited + interval.nanoseconds - 1) / interval.nanoseconds
      return job.submitted + interval * Int(looks)
    }
  }

  private mutating func sendBack(_ job: Job, from computed: SimTime) -> SimTime {
    let length = transferTime(job.bytesOut, isToCard: false)
    var best = 0
    var start = SimTime.distantFuture
    for channel in toHost.indices {
      toHost[channel].forget(before: job.submitted)
      let possible = toHost[channel].start(from: computed, for: length)
      if possible < start { (best, start) = (channel, possible) }
    }
    toHost[best].take(start, for: length)
    return start + length
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

extension HostPath.Outcome {
  mutating func add(_ fate: HostPath.Fate, count: Int) {
    finishedAt = max(finishedAt, fate.end)
    if fate.isOnCard { onCard += count } else { onProcessor += count }
    if fate.hasOverflowed { overflowed += 1 }
  }
}

/// Makes jobs of requests: a job starts when it is full, or when its first sequence has waited.
enum BatchFormer {
  struct Batch {
    var ready: SimTime
    /// Sequences of each request, by its index.
    var parts: [(request: Int, count: Int)]
  }

  static func jobs(_ requests: [HostPath.Request], _ parameters: HostPath.Parameters) -> [Batch] {
    var jobs: [Batch] = []
    var open = Batch(ready: .zero, parts: [])
    var size = 0
    for (index, request) in requests.enumerated() {
      if size > 0, open.ready <= request.at {
        jobs.append(open)
        size = 0
      }
      var rest = request.count
      while rest > 0 {
        if size == 0 { open = Batch(ready: request.at + parameters.maximumWait, parts: []) }
        let taken = min(rest, parameters.maximumJob - size)
        open.parts.append((index, taken))
        size += taken
        rest -= taken
        if size == parameters.maximumJob {
          open.ready = request.at
          jobs.append(open)
          size = 0
        }
      }
    }
    if size > 0 { jobs.append(open) }
    return jobs
  }
}

extension HostPath: Archivable {
  /// Exchanges what the path is busy with.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try outages.archive(&archive)
    try archive.state(&lastRepair)
    try archive.state(&toCardFree)
    try archive.state(&toHost)
    try archive.state(&engineFree)
    try archive.state(&decisionUnitFree)
    try archive.state(&processorFree)
    try archive.state(&leaving)
    try archive.state(&stream)
  }
}
