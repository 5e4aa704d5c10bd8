// SPDX-License-Identifier: Apache-2.0
import Facility
import Testing
import Units

@Suite("Servers from published results")
struct ServerFileTests {
  private static let header =
    "HW_Vendor,HW_Model,HW_CPUsEnabled,HW_MemAmountGB,Publication,W_idle,W_10,W_20,W_30,W_40,"
    + "W_50,W_60,W_70,W_80,W_90,W_100\n"
  private static let watts = "55,125,151,176,202,232,261,301,357,421,469\n"
  private static let twoResults =
    header + "Dell Inc.,PowerEdge R640,\"56 cores, 2 chips\",192,\"Sep 13, 2017\"," + watts
    + "Dell Inc.,PowerEdge R640,\"40 cores, 2 chips\",96,\"Oct 1, 2018\"," + watts
    + "\"Acme, Ltd\",\"Box \"\"1\"\"\",8 cores,16,\"Jan 1, 2020\"," + watts

  private func resolve(_ server: PublishedServer, _ text: String) throws -> ServerModel {
    var spec = ServerSpec(
      model: ServerModel(
        name: "x", about: "", cores: Cores(1), memory: .gibibytes(1), curve: .constant(.zero)))
    spec.published = server
    return try spec.resolved { _ in text }
  }

  @Test("a result is found by model and date, with quoted fields")
  func found() throws {
    let dell = try resolve(
      PublishedServer(file: "f", system: "PowerEdge R640", publication: "Sep 13, 2017"),
      Self.twoResults)
    #expect(dell.cores == Cores(56) && dell.memory == .gibibytes(192))
    #expect(dell.curve.power(at: 0.5) == Watts(232) && dell.bootPower == Watts(469))
    let acme = try resolve(
      PublishedServer(file: "f", system: "acme, ltd box \"1\""), Self.twoResults)
    #expect(acme.cores == Cores(8))
  }

  @Test(
    "what can't be found or read says why",
    arguments: [
      (
        PublishedServer(file: "f", system: "PowerEdge R640"), twoResults,
        "f: PowerEdge R640: 2 results; choose by \"publication\": \"Sep 13, 2017\", \"Oct 1, 2018\""
      ),
      (
        PublishedServer(file: "f", system: "PowerEdge R64"), twoResults,
        "f: PowerEdge R64: there is no such result; did you mean \"PowerEdge R640\"?"
      ),
      (PublishedServer(file: "f", system: "x"), "a,b\n", "f:1: there is no column \"W_idle\""),
      (
        PublishedServer(file: "f", system: "x"), header + "a,b\n",
        "f:2: expected 16 fields, found 2"
      ),
      (
        PublishedServer(file: "f", system: "x"), header + "a,b,8 cores,1,c,?,1,1,1,1,1,1,1,1,1,1\n",
        "f:2: W_idle: expected watts, found \"?\""
      ),
    ])
  func refused(server: PublishedServer, text: String, message: String) {
    let error = #expect(throws: FacilityFileError.self) { try resolve(server, text) }
    #expect(error?.description == message)
  }

  @Test(
    "the catalogue's SPEC tables are those of the public file",
    // skipped: no shared data
    .enabled(if: SharedData.exists("data/specpower/specpower_all.csv")))
  func catalogueAgainstFile() throws {
    let results = try SPECpowerReader.read(
      try SharedData.text("data/specpower/specpower_all.csv"), file: "specpower_all.csv")
    #expect(results.count == 619)
    let secondary = try SPECpowerReader.read(
      try SharedData.text("data/specpower/specpower_2023_2024_secondary.csv"), file: "secondary")
    #expect(secondary.count == 14)
    for model in ServerCatalog.all {
      guard case .table(let table) = model.curve else { continue }
      let matches = (results + secondary).filter { $0.watts == table.watts }
      // The two x3250 tables come from CloudSim's source.
      let isKnown = !matches.isEmpty || model.name.hasPrefix("ibm-x3250")
      #expect(isKnown, "\(model.name)")
      if let match = matches.first(where: { $0.cores != nil }) {
        #expect(match.cores == model.cores.value, "\(model.name)")
      }
    }
  }

  private struct Published: Decodable {
    struct Servers: Decodable { var tables: [String: [Double]] }
    var specpower: Servers
  }

  @Test(
    "every published server of the oracle is in the catalogue",
    // skipped: no shared data
    .enabled(if: SharedData.exists("oracles/power_cooling_published.json")))
  func catalogueAgainstOracle() throws {
    let oracle = try SharedData.decode(Published.self, "oracles/power_cooling_published.json")
    #expect(oracle.specpower.tables.count == 7)
    for (name, watts) in oracle.specpower.tables.sorted(by: { $0.key < $1.key }) {
      #expect(
        ServerCatalog.all.contains { $0.curve == .table(PowerTable(watts: watts)) }, "\(name)")
    }
  }

  @Test(
    "a server of the secondary file needs cores and memory",
    // skipped: no shared data
    .enabled(if: SharedData.exists("data/specpower/specpower_2023_2024_secondary.csv")))
  func secondary() throws {
    let text = try SharedData.text("data/specpower/specpower_2023_2024_secondary.csv")
    var server = PublishedServer(file: "s", system: "QuantaGrid D54Q-2U")
    #expect(throws: FacilityFileError.self) { try resolve(server, text) }
    server.cores = 120
    server.gibibytes = 512
    #expect(try resolve(server, text).curve.peakPower == Watts(968))
  }
}
