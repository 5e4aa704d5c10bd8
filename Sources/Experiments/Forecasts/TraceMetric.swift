// SPDX-License-Identifier: Apache-2.0
public import Forecasting
public import Workloads

/// What of a VM's load is forecast.
public enum TraceMetric: String, CaseIterable, Sendable {
  case cpu, memory, network, disk

  /// Unit of the values.
  public var units: String {
    switch self {
    case .cpu: "cores"
    case .memory: "B"
    case .network, .disk: "B/s"
    }
  }

  /// The metric's values in a trace; nil when the trace has none.
  public func values(in trace: DemandTrace) -> SampleMatrix? {
    switch self {
    case .cpu: trace.cpuCores
    case .memory: trace.memoryBytes
    case .network: trace.networkBytesPerSecond
    case .disk: trace.diskBytesPerSecond
    }
  }
}

extension TraceMetric {
  /// The metric of all VMs of a trace, as models learn from it.
  ///
  /// - Throws: ``TraceForecastError`` when the trace has none.
  public func history(
    of trace: DemandTrace, file: String
  ) throws(TraceForecastError) -> TrainingSeries {
    let matrix = try requiredValues(in: trace, file: file)
    return TrainingSeries(
      trace.vms.indices.map { matrix.column($0).map(Double.init) },
      calendar: StepCalendar(
        interval: trace.interval, startEpochSeconds: trace.startEpochSeconds ?? 0),
      classes: trace.vms.map(\.profile))
  }

  func requiredValues(
    in trace: DemandTrace, file: String
  ) throws(TraceForecastError) -> SampleMatrix {
    if let matrix = values(in: trace) { return matrix }
    let there = Self.allCases.filter { $0.values(in: trace) != nil }.map(\.rawValue)
    throw TraceForecastError(
      file: file, message: "the trace has no \(rawValue); it has \(there.joined(separator: ", "))")
  }
}

/// A question about a trace that the trace can't answer.
public struct TraceForecastError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The trace's file, as it was named.
  public var file: String
  /// What is not there, what there is, what was probably meant.
  public var message: String

  /// An error.
  public init(file: String, message: String) {
    self.file = file
    self.message = message
  }

  /// `file: message`.
  public var description: String { "\(file): \(message)" }
}
