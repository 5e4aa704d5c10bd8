// SPDX-License-Identifier: Apache-2.0
import Units

/// Gathers the readings of a trace in whatever order they come and makes a regular ``DemandTrace``
/// of them. All readers end here, so binning, selection, windows and gaps work alike everywhere.
struct SampleCollector {
  /// What a reading measures.
  enum Metric: Int, CaseIterable { case cpuCores, memoryBytes, networkRate, diskRate }

  /// What time stamps count from.
  enum Clock {
    /// The trace's start: time zero is known before the first reading.
    case trace
    /// Some first reading: time zero is only known at the end.
    case firstReading
    /// 1970, so that the result has a calendar start.
    case epoch
  }

  /// Sizes above these are refused as nonsense before memory is reserved for them.
  static let longestSpan = SimTime.days(3660)
  static let mostCells = 1 << 30

  let file: String
  private let options: TraceReadingOptions
  private let interval: SimTime
  private let clock: Clock
  private let epochOfTraceStart: Int64?

  private var names = NameTable()
  /// Name index → position in `vms`; -1 is not wanted.
  private var columns: [Int] = []
  private var wanted: NameTable?
  private var vms: [VMDescription] = []
  private var series: [BinnedSeries] = []
  private var invalidReadings: [Int] = []
  private var lastKeptName: String?
  private var acceptedBins = Int.min..<Int.max
  private var quality = TraceQuality()

  /// An empty collection; `interval` is the bin length, `file` stands for the trace in messages and
  /// `epochOfTraceStart` is the calendar time of time zero of a ``Clock/trace`` clock, if known.
  init(
    file: String, options: TraceReadingOptions, interval: SimTime, clock: Clock,
    epochOfTraceStart: Int64? = nil
  ) {
    self.file = file
    self.options = options
    self.interval = interval
    self.clock = clock
    self.epochOfTraceStart = epochOfTraceStart
    if let names = options.names {
      var table = NameTable()
      for name in names {
        let bytes = Array(name.utf8)
        if table.find(bytes, bytes.indices) == nil { _ = table.append(bytes, bytes.indices) }
      }
      wanted = table
    }
    if case .trace = clock { acceptedBins = window(from: 0, lastBin: Int.max - 1) }
  }

  /// The VM named by a range of bytes: its number, whether it is new; nil when it is not selected.
  mutating func vm(
    _ bytes: [UInt8], _ range: Range<Int>, in reader: borrowing LineReader
  ) throws(TraceError) -> (index: Int, isNew: Bool)? {
    if let known = names.find(bytes, range) {
      return columns[known] < 0 ? nil : (columns[known], false)
    }
    guard !range.isEmpty, range.count <= 1000, !bytes[range].contains(where: { $0 < 0x20 }),
      let name = String(validating: bytes[range], as: UTF8.self)
    else {
      throw reader.error(
        field: "VM name", expected: "1 … 1000 bytes of UTF-8 without control characters",
        found: range)
    }
    _ = names.append(bytes, range)
    let isWanted = wanted?.find(bytes, range) != nil || wanted == nil
    guard isWanted, lastKeptName.map({ isOrderedBytewise(name, $0) }) ?? true else {
      columns.append(-1)
      return nil
    }
    columns.append(vms.count)
    vms.append(
      VMDescription(name: name, virtualCPUs: options.virtualCPUs, memory: options.memory))
    invalidReadings.append(0)
    for _ in Metric.allCases { series.append(BinnedSeries()) }
    dropVMsBeyondLimit()
    let column = columns[columns.count - 1]
    return column < 0 ? nil : (column, true)
  }

  /// The VM named by a text.
  mutating func vm(
    named name: String, in reader: borrowing LineReader
  ) throws(TraceError) -> (index: Int, isNew: Bool)? {
    let bytes = Array(name.utf8)
    return try vm(bytes, bytes.indices, in: reader)
  }

  /// Size of a VM. Where a VM is resized within the trace, its largest size counts.
  mutating func setSize(of vm: Int, virtualCPUs: Double?, memory: Bytes?, isFirst: Bool) {
    if let virtualCPUs, virtualCPUs > 0 {
      vms[vm].virtualCPUs = isFirst ? virtualCPUs : max(virtualCPUs, vms[vm].virtualCPUs)
    }
    if let memory, memory.value > 0 {
      vms[vm].memory = isFirst ? memory : max(memory, vms[vm].memory ?? .zero)
    }
  }

  /// Application profile of a VM.
  mutating func setProfile(of vm: Int, _ profile: String) { vms[vm].profile = profile }

  /// What is known of a VM so far.
  func description(of vm: Int) -> VMDescription { vms[vm] }

  /// The bin of a time; nil when it lies outside the window that was asked for.
  @inline(__always)
  func bin(_ nanoseconds: Int64) -> Int? {
    let bin = Int(nanoseconds / interval.nanoseconds)
    return acceptedBins.contains(bin) ? bin : nil
  }

  /// Takes a reading.
  @inline(__always)
  mutating func add(_ metric: Metric, vm: Int, bin: Int, _ value: Double) {
    series[vm * Metric.allCases.count + metric.rawValue].add(value, bin: bin)
  }

  /// Counts a reading that the format marks as invalid.
  mutating func countInvalid(vm: Int) { invalidReadings[vm] += 1 }

  // MARK: - Limit

  /// Keeps memory bounded under a limit: a VM behind the first `limit` names stays behind them
  /// whatever comes, so it is dropped as soon as twice as many have been met.
  private mutating func dropVMsBeyondLimit() {
    guard let limit = options.limit, vms.count >= 2 * limit + 1024 else { return }
    keepFirst(limit)
    lastKeptName = vms.map(\.name).max { isOrderedBytewise($0, $1) }
  }

  /// Keeps the first `limit` VMs in bytewise order of names.
  private mutating func keepFirst(_ limit: Int) {
    guard vms.count > limit else { return }
    keep(Array(vms.indices.sorted { isOrderedBytewise(vms[$0].name, vms[$1].name) }.prefix(limit)))
  }

  /// Keeps some VMs, in the given order, and renumbers them.
  private mutating func keep(_ kept: [Int]) {
    var position = [Int](repeating: -1, count: vms.count)
    for (new, old) in kept.enumerated() { position[old] = new }
    let width = Metric.allCases.count
    vms = kept.map { vms[$0] }
    invalidReadings = kept.map { invalidReadings[$0] }
    series = kept.flatMap { series[$0 * width..<($0 + 1) * width] }
    for index in columns.indices where columns[index] >= 0 {
      columns[index] = position[columns[index]]
    }
  }

  // MARK: - Result

  /// The bins that options ask for when the first reading or time zero is in `first`.
  private func window(from first: Int, lastBin: Int) -> Range<Int> {
    let skip = (options.start ?? .zero) / interval
    let (start, overflow) = first.addingReportingOverflow(skip)
    guard !overflow else { return Int.max..<Int.max }
    guard let duration = options.duration else { return start..<max(start, lastBin + 1) }
    let length = (duration.nanoseconds - 1) / interval.nanoseconds + 1
    let (end, tooFar) = start.addingReportingOverflow(Int(length))
    return start..<max(start, min(tooFar ? Int.max : end, lastBin + 1))
  }

  /// The regular trace.
  ///
  /// - Throws: ``TraceError`` when no reading is left, a wanted VM is not in the trace, or the
  ///   readings span more than ``longestSpan`` or ``mostCells``.
  consuming func finish() throws(TraceError) -> DemandTrace {
    try checkWantedNames()
    keepFirst(options.limit ?? Int.max)
    for index in series.indices { series[index].normalise() }
    let window = try resultWindow()
    dropVMsWithoutReadings(in: window)
    quality.invalidReadings = invalidReadings.reduce(0, +)
    let order = vms.indices.sorted { isOrderedBytewise(vms[$0].name, vms[$1].name) }
    guard !order.isEmpty else {
      throw TraceError(
        file: file, expected: "CPU readings in the time window", found: "none")
    }
    guard window.count <= Self.mostCells / order.count else {
      throw tooLarge("\(window.count) samples of \(order.count) VMs")
    }
    var start: Int64?
    let offset = Int64(window.lowerBound) * interval.nanoseconds / 1_000_000_000
    if case .epoch = clock { start = offset }
    if let epoch = epochOfTraceStart { start = epoch + offset }
    let cpu = matrix(.cpuCores, order: order, window: window)
    var trace = DemandTrace(
      interval: interval, startEpochSeconds: start, vms: order.map { vms[$0] },
      cpuCores: cpu ?? SampleMatrix(sampleCount: window.count, vmCount: order.count),
      memoryBytes: matrix(.memoryBytes, order: order, window: window),
      networkBytesPerSecond: matrix(.networkRate, order: order, window: window),
      diskBytesPerSecond: matrix(.diskRate, order: order, window: window))
    if options.clipsToSize { quality.clippedSamples = trace.clipCPUToSize() }
    trace.quality = quality
    return trace
  }

  private mutating func matrix(
    _ metric: Metric, order: [Int], window: Range<Int>
  ) -> SampleMatrix? {
    let width = Metric.allCases.count
    let columns = order.map { $0 * width + metric.rawValue }
    guard columns.contains(where: { !series[$0].isEmpty }) else { return nil }
    var result = SampleMatrix(sampleCount: window.count, vmCount: order.count)
    var column = [Float](repeating: .nan, count: window.count)
    for (vm, position) in columns.enumerated() where !series[position].isEmpty {
      let carried = series[position].fill(&column, window: window, edges: options.edges)
      result.setColumn(vm, column)
      if metric == .cpuCores { quality.carriedSamples += carried }
    }
    return result
  }

  private func resultWindow() throws(TraceError) -> Range<Int> {
    let width = Metric.allCases.count
    let spans = vms.indices.compactMap { series[$0 * width].span }
    guard let first = spans.map(\.lowerBound).min(), let last = spans.map(\.upperBound).max()
    else {
      throw TraceError(
        file: file, expected: "CPU readings of a selected VM in the time window", found: "none")
    }
    let longest = Int(Self.longestSpan.nanoseconds / interval.nanoseconds)
    if case .trace = clock {
      let start = options.start == nil ? first : acceptedBins.lowerBound
      guard last - start < longest else { throw tooLarge("\(last - start) samples") }
      return start..<(last + 1)
    }
    let window = window(from: first, lastBin: last)
    guard window.count <= longest else { throw tooLarge("\(window.count) samples") }
    guard !window.isEmpty else {
      throw TraceError(
        file: file, field: "start", expected: "a start within the trace",
        found: "\(options.start ?? .zero) of \(interval * (last - first + 1))")
    }
    return window
  }

  private func tooLarge(_ found: String) -> TraceError {
    TraceError(
      file: file,
      expected: "at most \(Self.longestSpan) and \(Self.mostCells) values (see interval, start, "
        + "duration, limit)", found: found)
  }

  private mutating func dropVMsWithoutReadings(in window: Range<Int>) {
    let width = Metric.allCases.count
    let kept = vms.indices.filter { vm in
      options.edges == .hold
        ? !series[vm * width].isEmpty : series[vm * width].hasReading(in: window)
    }
    guard kept.count < vms.count else { return }
    quality.droppedVMs += vms.count - kept.count
    keep(kept)
  }

  private func checkWantedNames() throws(TraceError) {
    guard let wanted = options.names else { return }
    var names = self.names
    for name in wanted {
      let bytes = Array(name.utf8)
      guard names.find(bytes, bytes.indices) == nil else { continue }
      let known = (0..<min(names.count, 20_000)).map { String(decoding: names[$0], as: UTF8.self) }
      let near = nearestName(to: name, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
      throw TraceError(
        file: file, field: "VM names", expected: "names that the trace has",
        found: TraceError.quoted(bytes) + near)
    }
  }
}
