// SPDX-License-Identifier: Apache-2.0
public import AnomalyDetection
public import Units
public import Workloads

/// A metric of a VM that is watched for anomalies.
public enum WatchedMetric: String, Sendable, CaseIterable {
  /// CPU load, shown in percent of the VM's virtual CPUs.
  case cpu
  /// Memory in use.
  case memory
  /// Network traffic, both ways.
  case network
  /// Disk traffic, read and written.
  case disk

  /// The samples of this metric; nil when the trace has none.
  func matrix(of trace: DemandTrace) -> SampleMatrix? {
    switch self {
    case .cpu: trace.cpuCores
    case .memory: trace.memoryBytes
    case .network: trace.networkBytesPerSecond
    case .disk: trace.diskBytesPerSecond
    }
  }

  /// Whether the trace has this metric.
  public func isIn(_ trace: DemandTrace) -> Bool { matrix(of: trace) != nil }

  /// A value as text with its unit.
  func text(_ value: Double, vm: VMDescription) -> String {
    switch self {
    case .cpu: shortText(100 * value / max(vm.virtualCPUs, 1e-9)) + " %"
    case .memory: shortText(value / 1_073_741_824) + " GiB"
    case .network, .disk: shortText(value / 1e6) + " MB/s"
    }
  }
}

/// One alarm in a trace.
public struct TraceAlert: Sendable, Equatable {
  /// The VM's name.
  public var vm: String
  /// What was unusual of it.
  public var metric: WatchedMetric
  /// The sample, from 0.
  public var sample: Int
  /// 0.5 … 1.
  public var score: Double
  /// The kind of the reason.
  public var kind: String
  /// The reason in words.
  public var reason: String
}

/// All alarms in a trace, each metric of each VM followed by a detector of its own.
public struct TraceAnomalies: Sendable {
  /// Length of a sample.
  public var interval: SimTime
  /// Calendar time of sample 0; nil when the trace has none.
  public var startEpochSeconds: Int64?
  /// The alarms, by time, then by VM, then by metric.
  public var alerts: [TraceAlert]

  /// Runs a detector over the metrics of a trace that it has.
  ///
  /// - Parameters:
  ///   - trace: the trace.
  ///   - metrics: what to look at; a metric that the trace doesn't have is skipped.
  ///   - spec: what the detectors are told.
  public init(
    of trace: DemandTrace, metrics: [WatchedMetric] = WatchedMetric.allCases,
    spec: AnomalyDetectorSpec = AnomalyDetectorSpec()
  ) {
    interval = trace.interval
    startEpochSeconds = trace.startEpochSeconds
    alerts = []
    let start = SimTime(nanoseconds: (trace.startEpochSeconds ?? 0) * 1_000_000_000)
    for (index, vm) in trace.vms.enumerated() {
      for metric in metrics {
        guard let matrix = metric.matrix(of: trace) else { continue }
        var detector = AnomalyDetector(spec: spec, interval: trace.interval)
        for sample in 0..<matrix.sampleCount {
          let found = detector.observe(
            Double(matrix[sample, index]), at: start + trace.interval * sample)
          guard found.isAlarm, let reason = found.reason else { continue }
          alerts.append(
            TraceAlert(
              vm: vm.name, metric: metric, sample: sample, score: found.score, kind: reason.kind,
              reason: reason.text { metric.text($0, vm: vm) }))
        }
      }
    }
    // VMs and metrics are in order already; the index keeps them so within a sample.
    alerts = alerts.enumerated()
      .sorted { ($0.element.sample, $0.offset) < ($1.element.sample, $1.offset) }
      .map(\.element)
  }

  /// When a sample began: calendar time where the trace has one, else the time since its start.
  public func time(ofSample sample: Int) -> String {
    let offset = interval * sample
    guard let startEpochSeconds else { return "\(offset)" }
    return isoText(epochSeconds: startEpochSeconds + offset.nanoseconds / 1_000_000_000)
  }

  /// A table, one alarm a line.
  public var text: String {
    guard !alerts.isEmpty else { return "no anomalies" }
    let rows =
      [["time", "vm", "metric", "score", "reason"]]
      + alerts.map { alert in
        [
          time(ofSample: alert.sample), alert.vm, alert.metric.rawValue,
          fixedText(alert.score, decimals: 2), alert.reason,
        ]
      }
    return alignedText(rows)
  }

  /// The alarms as JSON.
  public var json: JSONValue {
    .object([
      ("intervalSeconds", .number(interval.seconds)),
      (
        "alerts",
        .array(
          alerts.map { alert in
            .object([
              ("time", .string(time(ofSample: alert.sample))), ("sample", .integer(alert.sample)),
              ("vm", .string(alert.vm)), ("metric", .string(alert.metric.rawValue)),
              ("score", .number(alert.score)), ("kind", .string(alert.kind)),
              ("reason", .string(alert.reason)),
            ])
          })
      ),
    ])
  }
}
