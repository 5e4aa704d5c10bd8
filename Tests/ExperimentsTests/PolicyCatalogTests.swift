// SPDX-License-Identifier: Apache-2.0
import Experiments
import Testing

@Suite("Policies by name")
struct PolicyCatalogTests {
  private static let names = [
    "none", "reactive-shadow", "standby-all", "static-p95", "static-peak", "pvms", "oracle",
    "consolidation", "threshold-autoscaling", "delay-off", "moving-window", "rebalancing", "press",
    "agile", "external",
  ]

  /// A program that never orders anything.
  private static let program =
    #"{ external: { command: [sh, -c, 'read x; echo "{\"protocol\":1}"; while read x; do echo {}; done'] } }"#

  private func compare() throws -> Comparison {
    let text = """
      version: 1
      name: every-policy
      duration: 6 h
      workload:
        synthetic: { vms: 12 }
        history: 1 d
        sizing: { percentile: 80, minimum: 25 % }
      dataCenter:
        racks: { count: 1, hosts: 4, server: dell-r640-2021 }
      policies: [\(Self.names.dropLast().joined(separator: ", ")), \(Self.program)]
      """
    let scenario = try ScenarioFile(
      text: Array(text.utf8), name: "test.yaml", overrides: [],
      folder: ScenarioFolder(sharedFolder: nil))
    return try ComparisonRunner(
      scenario: scenario, policies: scenario.spec.policies, seedCount: 1, jobs: 2,
      outputFolder: nil
    ).run()
  }

  /// One world for all: VMs sized for p80, so there is something to do about overloads.
  @Test("every policy of the catalogue runs, and the reference ones are what they claim")
  func claims() throws {
    #expect(Self.names.sorted() == PolicyCatalog.names.sorted())
    let comparison = try compare()
    #expect(comparison.labels == Self.names)
    func value(_ metric: String, _ policy: String) throws -> Double {
      let column = try #require(Metric.position(of: metric))
      let row = try #require(comparison.labels.firstIndex(of: policy))
      return try #require(comparison.values(policy: row, metric: column).first)
    }
    #expect(try value("degradedVmSeconds", "none") > 0)
    #expect(try value("shadowsCreated", "none") == 0)
    #expect(try value("shadowsCreated", "static-peak") == 0)
    #expect(
      try value("degradedVmSeconds", "static-peak") < value("degradedVmSeconds", "static-p95"))
    #expect(try value("degradedVmSeconds", "static-p95") < value("degradedVmSeconds", "none"))
    #expect(
      try value("shadowStandbyVmSeconds", "standby-all")
        > value("shadowStandbyVmSeconds", "reactive-shadow"))
    #expect(try value("degradedVmSeconds", "external") == value("degradedVmSeconds", "none"))
    #expect(try value("degradedVmSeconds", "oracle") < value("degradedVmSeconds", "none"))
    for rival in ["press", "agile"] {
      #expect(try value("degradedVmSeconds", rival) < value("degradedVmSeconds", "none"))
      // They speak of the future, and are scored for it.
      #expect(try value("forecastMaeNextCores", rival) > 0)
    }
  }
}
