// SPDX-License-Identifier: Apache-2.0
import Facility
import Testing
import Units

@Suite("Damaged files")
struct MutatedFileTests {
  private static let carbon =
    "timestamp,carbon_intensity\n2023-12-31T23:00:00Z,11.007\n2024-01-01T00:00:00Z,11.6\n"
    + "2024-01-01T00:15:00+01:00,12\n"
  private static let servers =
    "HW_Vendor,HW_Model,HW_CPUsEnabled,HW_MemAmountGB,Publication,W_idle,W_10,W_20,W_30,W_40,"
    + "W_50,W_60,W_70,W_80,W_90,W_100\n"
    + "Dell Inc.,Box,\"56 cores, 2 chips\",192,\"Sep 13, 2017\",55,125,151,176,202,232,261,301,357,"
    + "421,469\n"
  private static let weather =
    "LOCATION,Here,-,-,-,1,2,3,-8.0,5\n" + String(repeating: "x\n", count: 7)
    + "2001,1,1,1,0,?,10.0,5.0,70,101325,0\n2001,1,1,2,0,?,10.0,5.0,70,101325,0\n"

  /// Changes, inserts, deletes or repeats a few bytes.
  private static func mutated(_ text: String, _ random: inout TestRandom) -> String {
    var bytes = Array(text.utf8)
    for _ in 0...random.next() % 4 where !bytes.isEmpty {
      let place = Int(random.next() % UInt64(bytes.count))
      switch random.next() % 4 {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
      case 2: bytes.remove(at: place)
      default: bytes.insert(contentsOf: bytes[place...].prefix(40), at: place)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(
    "are refused with a typed error or read; never a trap", arguments: 1...4 as ClosedRange<UInt64>)
  func mutations(seed: UInt64) {
    var random = TestRandom(seed: seed)
    var refused = 0
    for _ in 0..<1500 {
      do {
        _ = try SeriesReader.carbonIntensity(Self.mutated(Self.carbon, &random), file: "c")
        let results = try SPECpowerReader.read(Self.mutated(Self.servers, &random), file: "s")
        let base = ServerModel(
          name: "x", about: "", cores: Cores(1), memory: .gibibytes(1), curve: .constant(.zero))
        _ = try PublishedServer(file: "s", system: "Box").resolve(in: results, base: base)
        _ = try EPWReader.read(Self.mutated(Self.weather, &random), file: "w")
      } catch {
        refused += 1
      }
      _ = CivilTime.epochSeconds(Self.mutated("2024-01-01T00:00:00+01:00", &random))
    }
    // The weather is no whole year, so nothing gets through all four.
    #expect(refused == 1500)
  }
}
