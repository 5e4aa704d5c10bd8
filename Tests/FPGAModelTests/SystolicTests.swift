// SPDX-License-Identifier: Apache-2.0
import FPGAModel
import Testing

private struct ScaleSim: Decodable {
  struct Row: Decodable {
    var array: [Int]
    var dataflow: String
    var M: Int
    var N: Int
    var K: Int
    var report: [String: String]
  }
  var results: [Row]

  static let file = "fpga/scalesim_oracle.json"
}

@Suite("systolic array against SCALE-Sim 3.0.0")
struct SystolicTests {
  @Test(
    "compute cycles are the same in every row",
    .enabled(if: SharedData.exists(ScaleSim.file), "skipped: no shared data"))
  func cycles() throws {
    let rows = try SharedData.decode(ScaleSim.self, ScaleSim.file).results
    #expect(rows.count >= 36)
    for row in rows {
      let array = SystolicArray(
        rows: row.array[0], columns: row.array[1],
        dataflow: try #require(SystolicDataflow(rawValue: row.dataflow)))
      let published = try #require(row.report["Total Cycles"].flatMap { Double($0) })
      #expect(Double(array.cycles(m: row.M, n: row.N, k: row.K)) == published, "\(row)")
    }
  }
}
