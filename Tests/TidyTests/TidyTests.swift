// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Where the tree is read once for all rules; nil when the sources are not where they were
/// compiled (a test bundle that was copied elsewhere).
private let tree = try? SourceTree()

/// The house rules that no compiler checks, applied to this package. Each rule is a function that
/// `TidyRuleTests` tries on small bad examples.
@Suite("Tidy: the source tree")
struct TidyTests {
  private func requireTree() throws -> SourceTree {
    let tree = try #require(tree, "no source tree beside \(#filePath)")
    try #require(tree.swiftFiles.count > 20 && !tree.manifest.modules.isEmpty)
    return tree
  }

  private func expectNone(_ findings: [Finding], sourceLocation: SourceLocation = #_sourceLocation)
  {
    let list = findings.map(\.description).joined(separator: "\n")
    #expect(findings.isEmpty, "\(list)", sourceLocation: sourceLocation)
  }

  @Test("imports point down")
  func layering() throws {
    let tree = try requireTree()
    let ours = tree.manifest.modules.filter { tree.exists("Sources/\($0.name)") }
    #expect(ours.count >= 10)
    expectNone(manifestFindings(ours))
    expectNone(tree.sources.flatMap { importFindings($0) })
  }

  @Test("nothing iterates a Dictionary or Set")
  func hashOrder() throws {
    expectNone(try requireTree().sources.flatMap { hashOrderFindings($0) })
  }

  @Test("no clock and no environment below Experiments")
  func clocks() throws {
    let below = try requireTree().sources.filter { Layers.isBelowExperiments($0.module) }
    expectNone(below.flatMap { bannedCallFindings($0, clocksAndSurroundings) })
  }

  @Test("all randomness is our own")
  func randomness() throws {
    expectNone(try requireTree().sources.flatMap { bannedCallFindings($0, foreignRandomness) })
  }

  @Test("no source traps on purpose")
  func noTraps() throws {
    let sources = try requireTree().sources
    expectNone(
      sources.flatMap {
        bannedCallFindings($0, trappingCalls, unless: "contract") + forceUnwrapFindings($0)
      })
  }

  @Test("files and functions are short, licensed and finished")
  func layout() throws {
    let files = try requireTree().swiftFiles
    expectNone(
      files.flatMap {
        layoutFindings($0) + functionLengthFindings($0) + unfinishedFindings($0)
      })
  }

  @Test("no path of one machine")
  func machinePaths() throws {
    let tree = try requireTree()
    let texts = [".swift", ".md", ".py", ".yaml", ".json", ".h", ".modulemap", ".txt", ".cff"]
    let folders = ["Sources", "Tests", "scripts", ".ci", "Scenarios", "docs", "Benchmarks"]
    let paths =
      try tree.paths(under: folders).filter { path in
        path.hasPrefix("scripts/") || path.hasPrefix(".ci/")
          || texts.contains { path.hasSuffix($0) }
      } + ["README.md", "CHANGELOG.md", "Package.swift"].filter { tree.exists($0) }
    #expect(paths.count > 30)
    expectNone(
      try paths.flatMap { machinePathFindings(path: $0, contents: try tree.contents($0)) })
  }

  @Test("scripts say their licence and may be run")
  func scripts() throws {
    let tree = try requireTree()
    for path in try tree.paths(under: ["scripts", ".ci"]) {
      let head = try tree.contents(path).split(separator: "\n").prefix(2)
      #expect(
        head.contains("# SPDX-License-Identifier: Apache-2.0"), "\(path) has no SPDX line")
      if head.first?.hasPrefix("#!") == true {
        let file = tree.root.appending(path: path).path
        #expect(FileManager.default.isExecutableFile(atPath: file), "\(path) is not executable")
      }
    }
  }

  @Test("every module has a DocC page and tests")
  func companions() throws {
    let tree = try requireTree()
    let paths = try tree.paths(under: ["Tests"])
    let libraries = tree.manifest.modules.map(\.name)
      .filter { tree.exists("Sources/\($0)") && $0 != "foreshadow" }
    expectNone(
      libraries.flatMap {
        missingCompanionFindings(module: $0, exists: tree.exists, paths: paths)
      })
  }

  @Test("every model that a scenario can name is described and exercised")
  func models() throws {
    let tree = try requireTree()
    let models = tree.sources.flatMap { registrations(in: $0) }
    #expect(models.count > 20)
    let tests = tree.swiftFiles.filter { $0.isTest && $0.module != "TidyTests" }
      .map { $0.text.linesWithoutComments.joined(separator: "\n") }
    let scenarios = try tree.paths(under: ["Scenarios"]).filter { $0.hasSuffix(".yaml") }
      .map { try tree.contents($0) }
    expectNone(unprovenModelFindings(models, tests: tests, scenarios: scenarios))
  }
}
