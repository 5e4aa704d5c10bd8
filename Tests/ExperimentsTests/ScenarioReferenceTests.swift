// SPDX-License-Identifier: Apache-2.0
import Experiments
import Testing

@Suite("Scenario reference")
struct ScenarioReferenceTests {
  private let page = ScenarioReference.markdown

  @Test("every key of a resolved scenario is on the page")
  func complete() throws {
    let lines = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
    let keys = Set(lines.map { String($0.split(separator: "`")[1]) })
    // Top level: a key at the start of a line of the resolved text.
    let resolved = ResolvedPrinter.text(try readAny("version: 1").resolved)
    let topLevel = resolved.split(separator: "\n").filter { $0.first?.isLetter == true }
    #expect(topLevel.count >= 10)
    for line in topLevel {
      let key = String(line.prefix { $0 != ":" })
      #expect(keys.contains(key), "\(key)")
    }
    for key in ["shadow.creation.coldBoot", "policies[].pvms.activeRisk", "dataCenter.racks"] {
      #expect(keys.contains(key), "\(key)")
    }
  }

  @Test("every model that a scenario can name is on the page")
  func models() {
    for kind in ModelCatalog.kinds where kind.key == "policies" || kind.key == "migration.preset" {
      for model in kind.models {
        let isThere = page.contains(model.name)
        #expect(isThere, "\(kind.name) \(model.name)")
      }
    }
  }

  @Test("every row says what its key means")
  func meanings() {
    for line in page.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
      let about = cells[3].filter { !$0.isWhitespace }
      #expect(!about.isEmpty, "\(line)")
    }
  }
}
