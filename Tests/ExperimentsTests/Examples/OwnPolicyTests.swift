// SPDX-License-Identifier: Apache-2.0
import Experiments
import Testing
import Units

/// What the README promises under "Bring your own": a policy is one value, and runs like the
/// built-in ones.
@Suite("A policy of one's own")
struct OwnPolicyTests {
  private static let vmCount = 20

  private func scenario() throws -> ScenarioFile {
    let text = """
      version: 1
      name: office
      duration: 1 d
      workload:
        synthetic: { vms: \(Self.vmCount), mix: { web-diurnal: 1 } }
        history: 1 d
        sizing: { percentile: 80, minimum: 25 % }
      dataCenter:
        racks: { count: 1, hosts: 8, server: dell-r640-2021 }
      policies: [none]
      """
    return try ScenarioFile(
      text: Array(text.utf8), name: "test.yaml", overrides: [],
      folder: ScenarioFolder(sharedFolder: nil))
  }

  @Test("shadows while people work save what they were made for, and are given up in the evening")
  func officeHours() throws {
    let own = PolicySpec(name: "office-hours") { _ in
      { inventory in
        var source = DefaultParameters()
        return OfficeHours(hours: OfficeHours.Hours(from: &source), inventory: inventory)
      }
    }
    let scenario = try scenario()
    let comparison = try ComparisonRunner(
      scenario: scenario, policies: [own] + scenario.spec.policies, seedCount: 2, jobs: 2
    ).run()
    func values(_ metric: String, _ policy: Int) throws -> [Double] {
      comparison.values(policy: policy, metric: try #require(Metric.position(of: metric)))
    }
    let (degraded, unattended) = (
      try values("degradedVmSeconds", 0), try values("degradedVmSeconds", 1)
    )
    #expect(zip(degraded, unattended).allSatisfy { $0 < $1 / 2 })
    let workDay = SimTime.hours(12).seconds * Double(Self.vmCount)
    for active in try values("shadowActiveVmSeconds", 0) {
      #expect(active > 0.95 * workDay && active <= workDay * 1.01)
    }
    #expect(try values("shadowsCreated", 0).allSatisfy { $0 == Double(Self.vmCount) })
  }
}
