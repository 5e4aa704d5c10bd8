// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// CloudSim 3.0.3's own figures, under `$FORESHADOW_SHARED` or `../shared`; `oracles/cloudsim`
/// says how they were made.
enum CloudSimOracle {
  static let root = ProcessInfo.processInfo.environment["FORESHADOW_SHARED"] ?? "../shared"
  static let absent: Comment = "skipped: no shared data"

  static let isPresent: Bool = {
    let isThere = FileManager.default.fileExists(atPath: path("cloudsim_reference.json"))
    if !isThere { print("skipped: no shared data") }
    return isThere
  }()

  static func path(_ name: String) -> String { "\(root)/oracles/cloudsim/\(name)" }
  static func day(_ name: String) -> String { "\(root)/data/planetlab/\(name).csv" }

  /// One run of the reference file.
  struct Run: Decodable, Sendable, CustomTestStringConvertible {
    var workload: String
    var allocation: String
    var selection: String
    var parameter: String
    var metrics: Metrics?
    var repeats: [Metrics]?

    var testDescription: String { "\(workload) \(allocation) \(selection) \(parameter)" }
    /// The detector as the command line takes it.
    var detector: String { parameter.isEmpty ? allocation : "\(allocation):\(parameter)" }
  }

  struct Metrics: Decodable, Sendable {
    var hosts: Int
    var vms: Int
    var energyKwh: Double
    var energyJ: Double
    var migrations: Int
    var slav: Double
    var pdm: Double
    var slatah: Double
    var slaOverall: Double
    var slaAverage: Double
    var hostShutdowns: Int
    var meanTimeBeforeHostShutdownS: Double?
    var stdevTimeBeforeHostShutdownS: Double?
    var meanTimeBeforeVmMigrationS: Double?
    var stdevTimeBeforeVmMigrationS: Double?
    var vmMigrationIntervalsCounted: Int
    var esv: Double
    var activeHostsAtEnd: Int
    var vmsLeftAtEnd: Int
  }

  private struct Reference: Decodable { var runs: [Run] }

  /// All runs; none where the file is absent (the suites are then disabled).
  static let runs: [Run] = {
    guard let data = FileManager.default.contents(atPath: path("cloudsim_reference.json")) else {
      return []
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return (try? decoder.decode(Reference.self, from: data).runs) ?? []
  }()

  /// A golden trace: initial host per VM, then one line a tick.
  struct Steps {
    var hosts: [Int] = []
    var ticks: [[Double]] = []

    init(_ name: String) throws {
      let text = try String(contentsOfFile: path(name), encoding: .utf8)
      for line in text.split(separator: "\n") where !line.hasPrefix("#") {
        let fields = line.split(separator: ",")
        if fields[0] == "P" {
          hosts.append(Int(fields[2]) ?? -1)
        } else if fields[0] == "T" {
          ticks.append(fields.dropFirst().map { Double($0) ?? .nan })
        }
      }
    }
  }
}
