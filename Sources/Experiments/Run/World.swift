// SPDX-License-Identifier: Apache-2.0
import ControlPlane
public import DataCenter
public import Facility
public import Units
public import Workloads

/// What all policies of a comparison face under one seed: demand, its history, and sized VMs.
public struct World: Sendable {
  /// Demand before time zero; nil when the scenario has none.
  public var history: DemandTrace?
  /// Demand from time zero on.
  public var run: DemandTrace
  /// What one full instance of each VM can serve.
  public var capacities: [Cores]
  /// Memory of one full instance of each VM.
  public var memory: [Bytes]
  /// Racks and hosts, with servers of SPECpower files read.
  public var dataCenter: DataCenterSpec
  /// Weather, carbon and prices of the site.
  public var facilityInputs: FacilityInputs

  /// Splits `demand` at the end of its history and sizes every VM.
  ///
  /// - Parameters:
  ///   - demand: History, then run.
  ///   - historySamples: Samples before time zero.
  ///   - sizing: The rule by which VMs get their capacity.
  ///   - defaultMemory: Memory of VMs whose trace does not say.
  ///   - dataCenter: Racks and hosts.
  ///   - facilityInputs: Weather, carbon and prices of the site.
  public init(
    demand: DemandTrace, historySamples: Int, sizing: SizingSpec, defaultMemory: Bytes,
    dataCenter: DataCenterSpec, facilityInputs: FacilityInputs
  ) {
    self.dataCenter = dataCenter
    self.facilityInputs = facilityInputs
    let parts = demand.split(atSample: historySamples)
    history = historySamples > 0 ? parts.history : nil
    run = parts.rest
    let range: Range<Int> =
      switch sizing.basis {
      case .history: 0..<historySamples
      case .run: historySamples..<demand.sampleCount
      case .whole: 0..<demand.sampleCount
      }
    capacities = demand.vms.indices.map { vm in
      let values = demand.cpuCores.column(vm)[range].filter(\.isFinite).sorted()
      let floor = sizing.minimumShare * demand.vms[vm].virtualCPUs
      guard !values.isEmpty else { return Cores(floor) }
      return Cores(max(floor, Workloads.percentile(ofSorted: values, sizing.quantile * 100)))
    }
    memory = demand.vms.map { $0.memory ?? defaultMemory }
  }
}
