// SPDX-License-Identifier: Apache-2.0
import DataCenter

extension Metric {
  static let faults: [Metric] = [
    Metric("hostFailures", "1", nil, "Failures of hosts, for whatever reason") {
      Double($0.faults.hostFailures)
    },
    Metric("networkPartitions", "1", nil, "Times a host was cut off from the network") {
      Double($0.faults.partitions)
    },
    Metric("vmCrashes", "1", .lower, "Primaries lost with their hosts") {
      Double($0.faults.vmCrashes)
    },
    Metric("vmRestarts", "1", nil, "Primaries that came back") { Double($0.faults.vmRestarts) },
    Metric("shadowsLost", "1", .lower, "Shadows lost with their hosts") {
      Double($0.faults.shadowsLost)
    },
    Metric(
      "restartSecondsP50", "s", .lower, "Median time from a primary's loss to the end of its boot"
    ) { percentile($0.faults.restartSeconds, 0.5) },
    Metric("restartSecondsP95", "s", .lower, "95th percentile of the same") {
      percentile($0.faults.restartSeconds, 0.95)
    },
  ]
}
