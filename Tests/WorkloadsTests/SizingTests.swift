// SPDX-License-Identifier: Apache-2.0
import Testing
import Units
import Workloads

@Suite("Sizing and splitting")
struct SizingTests {
  /// numpy.percentile([3, 1, 4, 1, 5, 9, 2, 6], p) with NumPy 2.4.6.
  @Test(
    "percentiles are numpy's",
    arguments: [
      (0.0, 1.0), (25, 1.75), (50, 3.5), (90, 6.9), (95, 7.95), (99, 8.79), (100, 9),
    ])
  func percentiles(percent: Double, expected: Double) {
    let sorted: [Float] = [1, 1, 2, 3, 4, 5, 6, 9]
    #expect(abs(percentile(ofSorted: sorted, percent) - expected) < 1e-12)
    #expect(percentile(ofSorted: [7], percent) == 7)
  }

  static let trace = {
    var cpu = SampleMatrix(sampleCount: 4, vmCount: 3)
    cpu.setColumn(0, [1, 2, 3, 4])
    cpu.setColumn(1, [0, 0, .nan, 0])
    return DemandTrace(
      interval: .seconds(300), startEpochSeconds: 1000,
      vms: ["a", "b", "c"].map { VMDescription(name: $0, virtualCPUs: 4) }, cpuCores: cpu)
  }()

  @Test("capacity is the percentile of the training samples, at least the floor")
  func capacities() {
    let all = Self.trace.capacities(percentile: 50, floor: Cores(0.5))
    #expect(all.map(\.value) == [2.5, 0.5, 0.5])
    let training = Self.trace.capacities(percentile: 100, over: 0..<2)
    #expect(training.map(\.value) == [2, 0, 0])
    #expect(Self.trace.capacities(over: 2..<2, floor: Cores(1)).map(\.value) == [1, 1, 1])
  }

  @Test("history and run put together are the trace", arguments: 0...4)
  func split(at sample: Int) {
    let (history, run) = Self.trace.split(atSample: sample)
    #expect(history.sampleCount == sample && run.sampleCount == 4 - sample)
    #expect(history.cpuCores.column(0) + run.cpuCores.column(0) == [1, 2, 3, 4])
    #expect(history.startEpochSeconds == 1000)
    #expect(run.startEpochSeconds == 1000 + Int64(sample) * 300)
    #expect(run.vms == Self.trace.vms && run.interval == .seconds(300))
  }
}
