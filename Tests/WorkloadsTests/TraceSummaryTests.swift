// SPDX-License-Identifier: Apache-2.0
import Testing
import Units
import Workloads

@Suite("Summary of a trace")
struct TraceSummaryTests {
  @Test("figures of a trace small enough for paper")
  func byHand() throws {
    // a: 0, 50, 0, 50 %; b: 20 % throughout; sizes 2 and 1 virtual CPUs.
    let text = """
      time,vm,cpu,vcpus,profile,mem
      0,a,0,2,web,0
      60,a,1,2,web,1048576
      120,a,0,2,web,0
      180,a,1,2,web,1048576
      0,b,0.2,1,db,
      60,b,0.2,1,db,
      180,b,0.2,1,db,
      """
    let summary = TraceSummary(try readText(text) { $0.interval = .seconds(60) })
    let cpu = try #require(summary.cpu)
    let exact = 1e-6  // values pass through Float
    #expect(abs(cpu.mean - 22.5) < exact)
    // Deviations -22.5, 27.5, -22.5, 27.5 and four times -2.5: squares sum to 2550.
    #expect(abs(cpu.standardDeviation * cpu.standardDeviation - 2550 / 8) < exact * 100)
    #expect(abs(cpu.p50 - 20) < exact && abs(cpu.p90 - 50) < exact)
    #expect(cpu.shareAbove80 == 0)
    // a: products about its mean 25 are -625 three times, squares 625 four times; b doesn't vary.
    let lag1 = try #require(cpu.autocorrelation(lag: 1))
    #expect(abs(lag1.insideVM - -0.75) < exact)
    // Pooled: three times -22.5 · 27.5 and three times 2.5², over six pairs and the variance.
    let product = (3 * -22.5 * 27.5 + 3 * 6.25) / 6
    #expect(abs(lag1.pooled - product / (2550 / 8)) < exact)
    #expect(cpu.autocorrelations.count == 1)
    // Two rises of 50 points among two VMs in four minutes.
    #expect(abs(cpu.burstsPerVMDay - 2 / 2.0 / (4 / 1440.0)) < exact * 1000)
    #expect(summary.quality.carriedSamples == 1 && summary.missingShare == 0)
    #expect(summary.profiles.map(\.profile) == ["db", "web"])
    #expect(summary.meanMemory == .mebibytes(0.5))
    #expect(summary.meanNetwork == nil)
    #expect(summary.totalVirtualCPUs == 3)
    #expect(abs(summary.peakTotalCores - 1.2) < exact)
  }

  @Test("as text")
  func text() throws {
    let trace = try readText("time,vm,cpu\n2024-02-29T00:00:00Z,a,1\n2024-02-29T00:05:00Z,a,0.5\n")
    {
      $0.virtualCPUs = 2
    }
    #expect(
      TraceSummary(trace).text == """
        VMs             1, 2.00 … 2.00 virtual CPUs, 2.0 in all
        samples         2 × 00:05:00 = 00:10:00
        starts          2024-02-29T00:00:00Z
        missing         0.00 %, carried over 0 samples
        total load      mean 0.8, peak 1.0 cores
        CPU             mean 37.50 %, standard deviation 12.50 % of the VM's size
                        p50/p90/p95/p99 37.50 / 47.50 / 48.75 / 49.75 %, above 80 %: 0.00 %
        memory of load  autocorrelation inside a VM (pooled) at 00:05:00 -0.50 (-1.00)
        bursts          0.00 rises by more than 20 points per VM and day
        memory          no
        network         no
        disk            no
        profiles        unknown 1

        """)
  }

  @Test("a trace of missing values has a summary")
  func missing() {
    let trace = DemandTrace(
      interval: .seconds(300), vms: [VMDescription(name: "a", virtualCPUs: 1)],
      cpuCores: SampleMatrix(sampleCount: 3, vmCount: 1))
    let summary = TraceSummary(trace)
    #expect(summary.cpu == nil && summary.missingShare == 1)
    #expect(summary.text.contains("missing"))
  }
}
