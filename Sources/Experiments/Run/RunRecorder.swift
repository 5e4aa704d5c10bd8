// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import DataCenter
import HDF5
import Units
import Workloads

/// Turns what the plant reports into rows of a run file.
final class RunRecorder {
  private let writer: RunFileWriter
  private let inventory: Inventory
  private let demand: DemandTrace
  /// Whether forecasts go into the file.
  let keepsForecasts: Bool
  private var last: PlantReadings?

  init(
    path: String, request: RunRequest, inventory: Inventory, provenance: RunProvenance
  ) throws {
    self.inventory = inventory
    demand = request.world.run
    let recording = request.scenario.spec.recording
    let vmCount = inventory.vms.count
    let recorded = Array(0..<min(recording.vmCount ?? vmCount, vmCount))
    keepsForecasts = recording.keepsForecasts && !recorded.isEmpty
    writer = try RunFileWriter(
      path: path,
      layout: RunFileLayout(
        epoch: isoText(epochSeconds: demand.startEpochSeconds ?? 0),
        vmNames: inventory.vms.map(\.name), recordedVMs: recorded,
        hostNames: inventory.hosts.map(\.name), rackNames: inventory.racks.map(\.name),
        hostStateNames: HostStateNames.all,
        forecastHorizons: keepsForecasts ? forecastHorizons(interval: demand.interval) : [],
        sampleInterval: demand.interval),
      provenance: provenance)
  }

  /// Records a stretch.
  func record(_ stretch: RecordedStretch) throws {
    let readings = stretch.readings
    try writer.append(events: stretch.events.map(runEvent))
    if keepsForecasts {
      let groups = stretch.forecasts.chunked(where: { $0.issuedAt == $1.issuedAt })
      for group in groups {
        try writer.append(
          forecasts: group,
          actualCores: group.map { record in
            ForecastScore.actual(record, demand)?.map { Double($0) }
              ?? [Double](repeating: .nan, count: inventory.vms.count)
          })
      }
    }
    try writer.append(sample(readings))
    last = readings
  }

  private func sample(_ now: PlantReadings) -> RunSample {
    let seconds = (now.time - (last?.time ?? .zero)).seconds
    func gain(_ path: KeyPath<PlantReadings, [Double]>) -> [Double] {
      let values = now[keyPath: path]
      guard let before = last?[keyPath: path] else { return values }
      return zip(values, before).map { $0 - $1 }
    }
    func mean(_ path: KeyPath<PlantReadings, [Double]>) -> [Double] {
      gain(path).map { $0 / seconds }
    }
    var sample = RunSample(
      time: now.time, hosts: inventory.hosts.count, racks: inventory.racks.count,
      vms: inventory.vms.count)
    sample.hostUsedCores = mean(\.hostCoreSeconds)
    sample.hostPowerWatts = mean(\.hostEnergyJoules)
    sample.hostState = now.hostState
    sample.rackPowerWatts = mean(\.rackEnergyJoules)
    sample.rackInletCelsius = now.rackInletCelsius
    sample.rackAboveRecommendedSeconds = gain(\.rackAboveRecommendedSeconds)
    sample.rackAboveAllowableSeconds = gain(\.rackAboveAllowableSeconds)
    sample.vmOfferedCores = mean(\.vmOfferedCoreSeconds)
    sample.vmServedCores = mean(\.vmServedCoreSeconds)
    sample.vmCapacityCores = now.vmCapacityCores
    sample.vmShadowShare = now.vmShadowShare
    sample.vmDegradedSeconds = gain(\.vmDegradedSeconds)
    return sample
  }

  private func runEvent(_ line: LogRecord) -> RunEvent {
    RunEvent(
      time: line.time, kind: line.kind.rawValue,
      vm: line.vm.map { inventory.vms[$0.index].name } ?? "",
      host: line.host.map { inventory.hosts[$0.index].name } ?? "", shadow: line.shadow?.number,
      commandID: line.command?.number, value: line.value, detail: line.detail,
      rationale: line.rationale)
  }

  func finish(summary: [RunMetric]) throws { try writer.finish(summary: summary) }
  func discard() { writer.discard() }
}

/// Horizons that run files keep: the next sample, an hour, a day.
func forecastHorizons(interval: SimTime) -> [Int] {
  let hour = max(2, SimTime.hours(1) / interval)
  return [1, hour, max(hour + 1, SimTime.days(1) / interval)]
}

extension Array {
  /// Splits into runs of neighbours that belong together.
  func chunked(where belongs: (Element, Element) -> Bool) -> [[Element]] {
    var result: [[Element]] = []
    for element in self {
      if let last = result.last?.last, belongs(last, element) {
        result[result.count - 1].append(element)
      } else {
        result.append([element])
      }
    }
    return result
  }
}
