// SPDX-License-Identifier: Apache-2.0
import Experiments
import Testing

@Suite("Response times of a scenario")
struct ResponseTimeScenarioTests {
  private func percentile(_ metric: String, _ responseTime: String) throws -> Double {
    let text = """
      version: 1
      name: response-times
      duration: 2 h
      workload:
        synthetic: { vms: 20, mix: { web-diurnal: 50 %, batch-nightly: 50 % } }
        sizing: { percentile: 100, minimum: 100 %, basis: run }
      dataCenter:
        racks: { count: 1, hosts: 6, server: dell-r640-2021 }
      responseTime: \(responseTime)
      policies: [none]
      """
    let scenario = try ScenarioFile(
      text: Array(text.utf8), name: "test.yaml", overrides: [],
      folder: ScenarioFolder(sharedFolder: nil))
    let comparison = try ComparisonRunner(
      scenario: scenario, policies: scenario.spec.policies, seedCount: 1, jobs: 1
    ).run()
    let column = try #require(Metric.position(of: metric))
    return try #require(comparison.values(policy: 0, metric: column).first)
  }

  @Test("twice the service time is twice the response time, at every percentile")
  func scale() throws {
    for metric in ["responseTimeP50Milliseconds", "responseTimeP95Milliseconds"] {
      let ratio =
        try percentile(metric, "{ service: 40 ms, overhead: 0 s, timeout: 1 h }")
        / percentile(metric, "{ service: 20 ms, overhead: 0 s, timeout: 1 h }")
      // Both are read from a histogram that is exact to 0.4 %.
      #expect(abs(ratio - 2) < 0.02, "\(metric)")
    }
  }

  @Test("a profile with slow workers of its own stands in the tail, not in the median")
  func profiles() throws {
    let pool =
      "{ profile: batch-nightly, discipline: { workerPool: { coresPerWorker: 1 } }, service: 5 s }"
    let mixed = "{ service: 20 ms, timeout: 1 h, profiles: [\(pool)] }"
    let alone = "{ service: 20 ms, timeout: 1 h }"
    let tail = "responseTimeP95Milliseconds"
    #expect(try percentile(tail, mixed) > 5000)
    #expect(try percentile(tail, alone) < 5000)
  }

  @Test("a model for a profile that no VM has is refused, with the nearest name")
  func misspelt() throws {
    #expect {
      _ = try percentile("slatah", "{ profiles: [{ profile: web-diurnl }] }")
    } throws: { error in
      "\(error)".contains("did you mean \"web-diurnal\"?")
    }
  }
}
