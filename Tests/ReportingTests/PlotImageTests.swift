// SPDX-License-Identifier: Apache-2.0
import Foundation
import Reporting
import Testing

@Suite("Plots as files")
struct PlotImageTests {
  static let converter = PlotConverter(
    searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "")
  static let isInstalled = converter.canMake(.png)

  private let plot = SVGPlot(
    title: "µ", yLabel: "cores",
    curves: [.init("load", [(x: 0, y: 1), (x: 1, y: 3), (x: 2, y: 2)], isFilled: true)])

  @Test("PNG has the signature and twice the size of the picture", .enabled(if: isInstalled))
  func png() throws {
    let bytes = [UInt8](try Self.converter.file(of: plot, as: .png))
    #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    func number(at place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    #expect(number(at: 16) == 1440)
    #expect(number(at: 20) == 520)
  }

  @Test(
    "equal input gives equal bytes in every format", .enabled(if: isInstalled),
    arguments: PlotFormat.allCases)
  func deterministic(format: PlotFormat) throws {
    let first = try Self.converter.file(of: plot, as: format)
    #expect(try first == Self.converter.file(of: plot, as: format))
    #expect(first.count > 100)
  }

  @Test("a file of its own names its colours: viewers know no variables")
  func standalone() { #expect(!plot.standaloneText.contains("var(")) }

  @Test("without the program SVG is made and the others say what is missing")
  func missing() throws {
    let converter = PlotConverter(searchPath: "/nowhere:")
    #expect(converter.canMake(.svg) && !converter.canMake(.png))
    #expect(try !converter.file(of: plot, as: .svg).isEmpty)
    #expect { try converter.file(of: plot, as: .png) } throws: {
      "\($0)".contains("librsvg2-bin")
    }
  }
}
