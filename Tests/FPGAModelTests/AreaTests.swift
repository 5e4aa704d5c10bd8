// SPDX-License-Identifier: Apache-2.0
import FPGAModel
import Foundation
import Testing

/// What `scripts/fpga-area` recorded beside the RTL.
private struct PlaceAndRoute: Decodable {
  struct Row: Decodable {
    var units: Int
    var lut4: Double
    var flipFlops: Double
    var mult18: Double
    var dp16kd: Double
    var fmaxMHz: Double?
  }
  var linesBits: Int
  var offsetBits: Int
  var rows: [Row]

  static func read() throws -> PlaceAndRoute {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appendingPathComponent("Sources/FPGAModel/RTL/ecp5.json")
    return try JSONDecoder().decode(PlaceAndRoute.self, from: Data(contentsOf: file))
  }
}

@Suite("area against place and route")
struct AreaTests {
  /// Packing scatters around a line by this.
  private static let logicTolerance = 0.03

  /// What `area_top` adds: its shift register and folding have 69 U + 115 flip-flops; a word folds in
  /// five look-up tables.
  @Test("logic and blocks of the RTL on an ECP5-85k")
  func recorded() throws {
    let recorded = try PlaceAndRoute.read()
    #expect(recorded.rows.map(\.units) == [1, 2, 4])
    for row in recorded.rows {
      // As large as the recorded memories: 2^9 lines a half, 16 sequences of 64 groups.
      let engine = UnitParallelEngine(
        network: NetworkShape(inputs: 4, hidden: 64 * row.units, steps: 64, dense: [1]),
        units: row.units, batch: 16, clockHertz: 1e8)
      let own = engine.resources(
        lines: 1 << recorded.linesBits, inputWords: 16 << recorded.offsetBits)
      let u = Double(row.units)
      let lut = (own.lut + 26 * u + 14) / row.lut4
      let flipFlops = (own.flipFlops + 69 * u + 115) / row.flipFlops
      #expect(abs(lut - 1) <= Self.logicTolerance, "U \(row.units): \(lut)")
      #expect(abs(flipFlops - 1) <= Self.logicTolerance, "U \(row.units): \(flipFlops)")
      #expect(own.dsp == row.mult18)
      #expect(own.bram18 == row.dp16kd)
    }
  }
}
