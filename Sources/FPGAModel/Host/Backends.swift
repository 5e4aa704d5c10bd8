// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
public import StateArchive
public import Units

/// A compute backend on an FPGA card: the unit-parallel engine behind its host path.
///
/// Predictions go through queue, DMA, engines and back; decisions about traffic take the same way to
/// the decision unit. With a model for each VM the weights come from the card's memory (or the host)
/// behind the computing. What the card can't take the processor works out, in the same arithmetic:
/// a failure changes when an answer is there, not what it is.
public struct FPGABackend: ComputeBackend {
  /// The engine of one batch.
  public let engine: UnitParallelEngine
  /// The path.
  public let path: HostPath.Parameters
  private var live: HostPath

  /// A card with an engine.
  ///
  /// - Parameters:
  ///   - engine: the design; its clock and batch count.
  ///   - engines: how many on the card.
  ///   - weights: where they are; anything but `bram` means a model for each VM, so one sequence at
  ///     a time and its weights loaded.
  ///   - path: DMA, queue and completion; sizes and engine time are filled in here.
  public init(
    engine: UnitParallelEngine, engines: Int, weights: WeightResidency,
    path: HostPath.Parameters = HostPath.Parameters()
  ) {
    var engine = engine
    if weights != .bram { engine.batch = 1 }
    var path = path
    let word = (engine.format.bits + 7) / 8
    let estimate = engine.estimate()
    let interval = weights.interval(
      computeSeconds: Double(estimate.initiationInterval) / engine.clockHertz,
      weightBytes: weights == .host ? 0 : engine.weightBytes)
    path.engines = engines
    path.engineBatch = engine.batch
    path.engineInterval = .seconds(interval)
    path.bytesIn =
      engine.network.steps * engine.network.inputs * word
      + (weights == .host ? engine.weightBytes : 0)
    path.bytesOut = (engine.network.dense.last ?? engine.network.hidden) * word
    path.decisionClockHertz = engine.clockHertz
    self.engine = engine
    self.path = path
    live = HostPath(path)
  }

  /// Reads the parameters.
  public init(from source: inout some ParameterSource) {
    // The defaults are the sizes of the lstm forecaster with PVMS's three horizons.
    let network = NetworkShape(
      inputs: source.integer(
        "inputs", default: 24, in: 1...256, about: "Values into the network at each step."),
      hidden: source.integer(
        "hidden", default: 32, in: 1...1024, about: "Hidden units of the LSTM."),
      steps: source.integer(
        "steps", default: 12, in: 1...2048,
        about: "Latest samples that an inference sees; the card keeps no state of a VM."),
      dense: [
        source.integer("outputs", default: 33, in: 1...4096, about: "Outputs of the head.")
      ])
    let units = source.integer(
      "units", default: 8, in: 1...1024, about: "Hidden units computed in parallel.")
    let batch = source.integer(
      "batch", default: 16, in: 1...256, about: "Sequences interleaved in an engine.")
    let clockMHz = source.number(
      "clockMHz", default: 200, in: 10...1000, about: "Clock of the engines in MHz.")
    var format = WordFormat(
      bits: source.integer(
        "bits", default: 16, in: 8...16, about: "Bits of a word, for forecasts by the lstm."),
      integerBits: source.integer(
        "integerBits", default: 4, in: 2...9, about: "Bits before the point, sign included."))
    if !UnitParallelLSTM.supports(format) {
      source.problem("integerBits", "at least two bits must be left after the point")
      format = WordFormat(bits: 16, integerBits: 4)
    }
    let engines = source.integer(
      "engines", default: 8, in: 1...1024, about: "Engines on the card.")
    let weights = source.choice(
      "weights", default: WeightResidency.bram.rawValue,
      of: WeightResidency.allCases.map(\.rawValue),
      about: """
        Where the weights are: bram (one model for all VMs), hbm or ddr (a model for each VM on the \
        card), host (sent each round).
        """)
    let path = HostPath.Parameters(from: &source)
    self.init(
      engine: UnitParallelEngine(
        network: network, units: units, batch: batch, format: format,
        clockHertz: clockMHz * 1e6),
      engines: engines, weights: WeightResidency(rawValue: weights) ?? .bram, path: path)
  }

  /// One submission of all VMs to the idle card.
  public func predictionLatency(vmCount: Int) -> SimTime {
    HostPath.latency(of: vmCount, path)
  }

  /// Loads to the idle card, one pass of the decision unit, the answer back.
  public func balancingLatency(vmCount: Int) -> SimTime {
    HostPath.decisionLatency(of: vmCount, path)
  }

  /// Jitter and failures of this seed.
  public mutating func begin(seed: UInt64) { live = HostPath(path, seed: seed) }

  /// Behind everything submitted before.
  public mutating func predict(vmCount: Int, at now: SimTime) -> ComputeAnswer {
    let outcome = live.submit(vmCount, at: now)
    return ComputeAnswer(readyAt: outcome.finishedAt, fallbackVMs: outcome.onProcessor)
  }

  /// Behind everything submitted before.
  public mutating func balance(vmCount: Int, at now: SimTime) -> ComputeAnswer {
    let outcome = live.decide(vmCount, at: now)
    return ComputeAnswer(readyAt: outcome.finishedAt, fallbackVMs: outcome.onProcessor)
  }
}

extension HostPath.Parameters {
  /// Reads what a scenario can say of the way to the card and back.
  init(from source: inout some ParameterSource) {
    self.init()
    maximumJob = source.integer(
      "job", default: 256, in: 1...65536, about: "Most sequences in one transfer.")
    maximumWait = source.time(
      "wait", default: .zero, in: .zero ... .seconds(1),
      about: "How long an incomplete transfer waits for more sequences.")
    queueCapacity = source.integer(
      "queue", default: 1024, in: 1...1_000_000,
      about: "Transfers that may wait; the processor works out what finds the queue full.")
    channels = source.integer(
      "channels", default: 1, in: 1...16, about: "DMA channels in each direction.")
    isDoubleBuffered = source.flag(
      "doubleBuffered", default: true, about: "Whether inputs are sent while an engine works.")
    let interrupt = source.time(
      "interrupt", default: .seconds(15e-6), in: .zero ... .seconds(1),
      about: "Time from the end of a transfer until the host knows.")
    let poll = source.time(
      "poll", default: .zero, in: .zero ... .seconds(1),
      about: "Time between two looks of the host at the card; 0 s for interrupts.")
    completion = poll > .zero ? .poll(poll) : .interrupt(interrupt)
    jitter = source.number(
      "jitter", default: 0, in: 0...2,
      about: "Spread of transfer times: standard deviation of their logarithm.")
    fallback = source.time(
      "fallbackTime", default: .seconds(45e-6), in: .zero ... .hours(1),
      about: "Processor time to forecast one VM when the card cannot.")
    decisionFallback = source.time(
      "balancingTime", default: .seconds(2e-6), in: .zero ... .hours(1),
      about: "Processor time to decide about one VM's traffic when the card cannot.")
    outages.listed = source.list("failures", about: "Times in which the card does not answer.") {
      let at = $0.instant("at", default: nil, about: "When the card fails.")
      let length = $0.time("for", default: .minutes(10), about: "Until it is back.")
      return at..<at + length
    }
    outages.meanTimeBetweenFailures = source.time(
      "timeBetweenFailures", default: .zero,
      about: "Mean time from a repair to the next failure by chance; 0 s for none.")
    outages.repairTime = source.time(
      "repairTime", default: .minutes(10), about: "How long a failure by chance lasts.")
  }
}

/// A compute backend on processor cores that works in batches: a fixed cost a call and a cost a VM.
///
/// The defaults are those of an LSTM with 32 units over 12 steps in ONNX Runtime on one core
/// (11.5 µs a call and 2.7 µs a VM in batches of 256, measured on a cloud machine);
/// `foreshadow fpga calibrate` measures the figures of this machine and program.
public struct CPUBatchBackend: ComputeBackend, Hashable {
  /// Cost of each call.
  public var perCall: SimTime
  /// Cost of each VM in a call.
  public var perVM: SimTime
  /// VMs in a call, ≥ 1; 1 with a model for each VM.
  public var batch: Int
  /// Cores that share the calls, ≥ 1.
  public var cores: Int
  /// Cost of a decision about one VM's traffic.
  public var balancingPerVM: SimTime
  private var freeAt = SimTime.zero

  /// A backend.
  public init(
    perCall: SimTime, perVM: SimTime, batch: Int, cores: Int = 1,
    balancingPerVM: SimTime = .seconds(2e-6)
  ) {
    self.perCall = perCall
    self.perVM = perVM
    self.batch = max(1, batch)
    self.cores = max(1, cores)
    self.balancingPerVM = balancingPerVM
  }

  /// Reads the parameters.
  public init(from source: inout some ParameterSource) {
    perCall = source.time(
      "callTime", default: .seconds(11.5e-6), in: .zero ... .hours(1), about: "Cost of each call.")
    perVM = source.time(
      "vmTime", default: .seconds(2.7e-6), in: .zero ... .hours(1),
      about: "Cost of each VM in a call.")
    batch = source.integer(
      "batch", default: 256, in: 1...1_000_000,
      about: "VMs in a call; 1 with a model for each VM.")
    cores = source.integer("cores", default: 1, in: 1...4096, about: "Cores that share the calls.")
    balancingPerVM = source.time(
      "balancingTime", default: .seconds(2e-6), in: .zero ... .hours(1),
      about: "Time to decide about one VM's traffic.")
  }

  /// The busiest core's calls.
  public func predictionLatency(vmCount: Int) -> SimTime {
    let calls = (vmCount + batch - 1) / batch
    let mine = (calls + cores - 1) / cores
    return perCall * mine + perVM * min(vmCount, mine * batch)
  }

  /// All VMs one after the other on one core: a decision sees all of them.
  public func balancingLatency(vmCount: Int) -> SimTime { balancingPerVM * vmCount }

  /// After the forecasts that were asked for before. A decision doesn't wait for them: another core
  /// makes it.
  public mutating func predict(vmCount: Int, at now: SimTime) -> ComputeAnswer {
    freeAt = max(now, freeAt) + predictionLatency(vmCount: vmCount)
    return ComputeAnswer(readyAt: freeAt)
  }
}

extension FPGABackend {
  /// Exchanges what the card is busy with.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try live.archive(&archive)
  }
}

extension CPUBatchBackend {
  /// Exchanges what the cores are busy with.
  public mutating func archive(_ archive: inout StateArchive) throws {
    try archive.state(&freeAt)
  }
}
