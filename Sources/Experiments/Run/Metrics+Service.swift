// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import SimulationKernel
import Units

// Definitions: METRICS in the documentation. All integrals are exact between events.
extension Metric {
  static let service: [Metric] = [
    Metric(
      "degradedVmSeconds", "s", .lower,
      "Time in which some instance of a VM got less than its part of the load, over all VMs"
    ) { $0.totals.degradedVmSeconds },
    Metric("degradedShare", "1", .lower, "degradedVmSeconds per VM-second simulated") {
      $0.totals.degradedVmSeconds / $0.vmSeconds
    },
    Metric(
      "degradedMinutesPerVmDay", "min", .lower, "Minutes in which a VM was degraded, a day and VM"
    ) { $0.totals.degradedVmSeconds / $0.vmSeconds * 1440 },
    Metric("overloadVmSeconds", "s", nil, "Time in which load exceeded the primary's capacity") {
      $0.totals.overloadVmSeconds
    },
    Metric(
      "missedOverloadShare", "1", .lower, "Part of the overloaded time that was degraded"
    ) { $0.totals.degradedOverloadVmSeconds / $0.totals.overloadVmSeconds },
    Metric("offeredCoreSeconds", "s", nil, "Work offered, in core-seconds") {
      $0.totals.offeredCoreSeconds
    },
    Metric("servedCoreSeconds", "s", .higher, "Work done, in core-seconds") {
      $0.totals.servedCoreSeconds
    },
    Metric("unservedCoreSeconds", "s", .lower, "Work not done, in core-seconds") {
      $0.totals.unservedCoreSeconds
    },
    Metric(
      "responseTimeP50Milliseconds", "ms", .lower,
      "Median of the modelled response times of all requests"
    ) { $0.responseTimes.quantile(0.5) },
    Metric(
      "responseTimeP95Milliseconds", "ms", .lower,
      "95th percentile of the modelled response times of all requests"
    ) {
      $0.responseTimes.quantile(0.95)
    },
    Metric(
      "responseTimeP99Milliseconds", "ms", .lower,
      "99th percentile of the modelled response times of all requests"
    ) {
      $0.responseTimes.quantile(0.99)
    },
    Metric(
      "refusedCoreSeconds", "s", .lower,
      "Work of requests that a full backlog refused; they are not among the response times"
    ) { $0.refusedCoreSeconds },
    Metric("downtimeVmSeconds", "s", .lower, "Time in which no instance of a VM served") {
      $0.totals.downtimeVmSeconds
    },
    Metric(
      "slatah", "1", .lower,
      "Mean over hosts of the part of active time with demand at or above capacity "
        + "(Beloglazov & Buyya 2012)"
    ) { $0.totals.saturatedShareOfActiveTime },
    Metric("pdm", "1", .lower, "Work lost to migrations per work requested") {
      $0.totals.migrationLossCoreSeconds / $0.totals.offeredCoreSeconds
    },
    Metric("slav", "1", .lower, "slatah × pdm") {
      $0.totals.saturatedShareOfActiveTime * $0.totals.migrationLossCoreSeconds
        / $0.totals.offeredCoreSeconds
    },
    Metric("esv", "kW h", .lower, "IT energy in kWh × slav") {
      $0.totals.hostEnergy.kilowattHours * $0.totals.saturatedShareOfActiveTime
        * $0.totals.migrationLossCoreSeconds / $0.totals.offeredCoreSeconds
    },
  ]

  static let shadows: [Metric] =
    [
      Metric("shadowActiveVmSeconds", "s", .lower, "Shadow time with traffic, incl. draining") {
        $0.shadows.activeSeconds
      },
      Metric("shadowStandbyVmSeconds", "s", .lower, "Shadow time without traffic, incl. suspended")
      {
        $0.shadows.standbySeconds
      },
      Metric("shadowProvisioningVmSeconds", "s", .lower, "Time in which shadows were being made") {
        $0.shadows.secondsByState[0]
      },
      Metric("shadowReservedCoreSeconds", "s", .lower, "Host CPU held by shadows") {
        $0.shadows.coreSecondsByState.reduce(0, +)
      },
      Metric("shadowReservedByteSeconds", "byte s", .lower, "Host memory held by shadows") {
        $0.shadows.byteSecondsByState.reduce(0, +)
      },
      Metric("shadowsCreated", "1", nil, "Shadows ordered and accepted") {
        Double($0.shadows.created)
      },
      Metric("shadowsUseful", "1", nil, "Shadows that carried traffic during an overload") {
        Double($0.shadows.useful)
      },
      Metric("shadowsUseless", "1", .lower, "Shadows given up without that") {
        Double($0.shadows.useless)
      },
      Metric("shadowsLate", "1", .lower, "Shadows ready only after the overload had begun") {
        Double($0.shadows.late)
      },
      Metric("shadowsFailed", "1", .lower, "Shadows whose making failed") {
        Double($0.shadows.failed)
      },
      Metric("leadTimeSecondsP50", "s", .lower, "Median time from the order to ready") {
        percentile($0.shadows.leadTimeSeconds, 0.5)
      },
      Metric(
        "leadTimeSecondsP95", "s", .lower,
        "95th percentile of the time from the order to ready"
      ) {
        percentile($0.shadows.leadTimeSeconds, 0.95)
      },
      Metric(
        "marginSecondsP50", "s", .higher,
        "Median time from ready to the overload that followed (negative: late)"
      ) { percentile($0.shadows.marginSeconds, 0.5) },
      Metric("migrations", "1", nil, "Live migrations finished") {
        Double($0.migrations.doneByReason.reduce(0, +))
      },
    ]
    + MigrationReason.allCases.enumerated().map { position, reason in
      let name = reason.rawValue.prefix(1).uppercased() + reason.rawValue.dropFirst()
      return Metric("migrations\(name)", "1", nil, "Live migrations because of \(reason.rawValue)")
      {
        Double($0.migrations.doneByReason[position])
      }
    } + [
      Metric("migrationsForced", "1", .lower, "Migrations ended by a stop rule that forces") {
        Double($0.migrations.forced)
      },
      Metric("migrationsAborted", "1", .lower, "Migrations given up") {
        Double($0.migrations.aborted)
      },
      Metric("migrationBytes", "byte", .lower, "Data sent by migrations") {
        $0.migrations.bytes.value
      },
      Metric("migrationDowntimeSeconds", "s", .lower, "Time VMs stood still for migrations") {
        $0.migrations.downtimeSeconds
      },
      Metric("migrationRetries", "1", .lower, "Further tries of migrations that failed") {
        Double($0.migrations.retries)
      },
      Metric("migrationQueuedSeconds", "s", .lower, "Time migrations waited for others") {
        $0.migrations.queuedSeconds
      },
      Metric("migrationSecondsP50", "s", .lower, "Median time from the order to the end") {
        percentile($0.migrations.totalSeconds, 0.5)
      },
      Metric(
        "migrationSecondsP95", "s", .lower,
        "95th percentile of the time from the order to the end"
      ) {
        percentile($0.migrations.totalSeconds, 0.95)
      },
      Metric(
        "transferEnergyJoules", "J", .lower,
        "Part of the hosts' energy that migrations, clones and state sync caused"
      ) { $0.totals.transferEnergy.value },
    ]

  static let decisions: [Metric] = [
    Metric("commandsPerVmHour", "h-1", .lower, "Commands given, a VM and hour") {
      Double($0.commands.issued) / ($0.vmSeconds / 3600)
    },
    Metric("commandsRefused", "1", .lower, "Commands that the plant refused") {
      Double($0.commands.refused)
    },
    Metric("alerts", "1", nil, "Alerts raised") {
      Double($0.commands.alertsByKind.reduce(0, +))
    },
    Metric("decisionLatencySecondsP50", "s", .lower, "Median age of telemetry at a command") {
      percentile($0.commands.latencySeconds, 0.5)
    },
    Metric(
      "decisionLatencySecondsP99", "s", .lower,
      "99th percentile of the age of telemetry at a command"
    ) {
      percentile($0.commands.latencySeconds, 0.99)
    },
    Metric(
      "forecastDelayMilliseconds", "ms", .lower,
      "Mean time from asking for forecasts to having them (policies.pvms.compute)"
    ) { $0.forecasts.meanDelaySeconds * 1e3 },
    Metric(
      "overloadTruePositiveRate", "1", .higher,
      "Part of overload onsets that the next-interval forecast gave alarm for"
    ) { $0.forecasts.truePositiveRate },
    Metric(
      "overloadFalsePositiveRate", "1", .lower,
      "Part of intervals without onset that it gave alarm for"
    ) { $0.forecasts.falsePositiveRate },
    Metric("overloadPrecision", "1", .higher, "Part of its alarms that an onset followed") {
      $0.forecasts.precision
    },
  ]
}

/// The value below which the fraction `share` of `values` lies (nearest rank); NaN for none.
func percentile(_ values: [Double], _ share: Double) -> Double {
  guard !values.isEmpty else { return .nan }
  let sorted = values.sorted()
  let rank = Int((share * Double(sorted.count)).rounded(.up))
  return sorted[min(max(rank, 1), sorted.count) - 1]
}
