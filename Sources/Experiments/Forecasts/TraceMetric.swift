// SPDX-License-Identifier: Apache-2.0
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
