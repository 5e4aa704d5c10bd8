// SPDX-License-Identifier: Apache-2.0
import Foundation
import Reporting
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Pictures")
struct SVGPlotTests {
  private func isWellFormed(_ text: String) -> Bool {
    XMLParser(data: Data(text.utf8)).parse()
  }

  private func plot(_ values: [Double], title: String = "t") -> SVGPlot {
    SVGPlot(
      title: title, yLabel: "cores",
      curves: [.init("load", values.enumerated().map { (x: Double($0), y: $1) }, isFilled: true)])
  }

  @Test(
    "anything gives well-formed SVG without a number that is none",
    arguments: [
      [], [1], [0, 0, 0], [.nan, 1, .nan, 2], [1e-12, 1e-12], [-5, 1e15], [.infinity, 3],
      [.nan, .nan],
    ] as [[Double]])
  func robust(values: [Double]) {
    let text = plot(values).text
    #expect(isWellFormed(text))
    #expect(!text.contains("nan") && !text.contains("inf"))
    #expect(isWellFormed(plot(values).standaloneText))
  }

  @Test("names from files cannot break out")
  func escaped() {
    let text = plot([1, 2], title: "<script>alert('\"&')</script>").text
    #expect(isWellFormed(text))
    #expect(!text.contains("<script>"))
  }

  @Test("a curve stays inside the picture, high values above low ones")
  func geometry() throws {
    let text = plot([0, 5, 10]).text
    let path = try #require(
      text.firstMatch(
        of: /class="line c1" d="M([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)"/))
    let numbers = [path.1, path.2, path.3, path.4, path.5, path.6].compactMap { Double($0) }
    #expect(numbers.count == 6)
    #expect(numbers[0] < numbers[2] && numbers[2] < numbers[4])
    #expect(numbers[1] > numbers[3] && numbers[3] > numbers[5])
    // Equal steps in the data are equal steps in the picture.
    #expect(abs((numbers[1] - numbers[3]) - (numbers[3] - numbers[5])) < 0.11)
    #expect(numbers.allSatisfy { (0...720).contains($0) })
  }

  @Test("equal input gives equal bytes")
  func deterministic() { #expect(plot([1, 3, 2]).text == plot([1, 3, 2]).text) }
}
