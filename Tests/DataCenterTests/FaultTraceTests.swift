// SPDX-License-Identifier: Apache-2.0
import DataCenter
import Testing
import Units

@Suite("Files of faults")
struct FaultTraceTests {
  private static let header = "startSeconds,kind,target,durationSeconds\n"

  private func read(_ text: String) throws -> [Fault] {
    var source = DefaultParameters()
    var racks = [RackGroupSpec(from: &source)]
    racks[0].count = 2
    racks[0].hosts = 12
    return try FaultTraceReader.faults(Self.header + text, file: "faults.csv", racks: racks)
  }

  @Test("all kinds")
  func kinds() throws {
    let faults = try read(
      """
      # a bad day
      10,hostCrash,r2h11,1.5
      20, hostLink ,r1h01,60

      30,rackSwitch,2,60
      40,uplink,1/3,60
      50,telemetryGap,,60
      60,telemetryDelay,7,60
      70,managementRestart,,60
      80,clockSkew,-2,60
      """)
    #expect(
      faults.map(\.target) == [
        .host(22), .hostLink(0), .rackSwitch(1), .uplink(rack: 0, index: 2), .telemetryGap,
        .telemetryDelay(.seconds(7)), .managementRestart, .clockSkew(.seconds(-2)),
      ])
    #expect(faults[0].start == .seconds(10) && faults[0].end == .seconds(11.5))
  }

  @Test(
    "mistakes are named with line and column",
    arguments: [
      (
        "1,hostCrash,r3h01,1",
        "faults.csv:2: target: no host \"r3h01\"; did you mean \"r1h01\"?"
      ),
      (
        "1,hostCrash,r1h1,1",
        "faults.csv:2: target: no host \"r1h1\"; did you mean \"r1h01\"?"
      ),
      ("1,rackSwitch,3,1", "faults.csv:2: target: no rack 3; there are racks 1 … 2"),
      (
        "1,rackSwich,1,1", "faults.csv:2: kind: no kind \"rackSwich\"; did you mean \"rackSwitch\"?"
      ),
      (
        "\n-1,telemetryGap,,1",
        "faults.csv:3: startSeconds: expected seconds of at least 0, found \"-1\""
      ),
      ("1,uplink,1,1", "faults.csv:2: target: expected RACK/NUMBER, found \"1\""),
      ("1,telemetryGap,1", "faults.csv:2: expected 4 columns, found 3"),
    ])
  func mistakes(text: String, message: String) throws {
    let error = #expect(throws: FaultTraceError.self) { try read(text) }
    #expect(error?.description == message)
  }

  /// A hundred million hosts: a hint that looks at all of them would not come within an hour.
  @Test("a slip on a huge floor is found beside the rack it speaks of")
  func hugeFloor() throws {
    var source = DefaultParameters()
    var racks = [RackGroupSpec(from: &source)]
    racks[0].count = 100_000
    racks[0].hosts = 1000
    let error = #expect(throws: FaultTraceError.self) {
      try FaultTraceReader.faults(
        Self.header + "1,hostCrash,r77777h1001,1", file: "f", racks: racks)
    }
    #expect(error?.description.contains("did you mean \"r77777h") == true)
  }

  @Test("a file without header")
  func noHeader() throws {
    #expect(throws: FaultTraceError.self) {
      try FaultTraceReader.faults("1,hostCrash,r1h01,1", file: "f", racks: [])
    }
  }
}
