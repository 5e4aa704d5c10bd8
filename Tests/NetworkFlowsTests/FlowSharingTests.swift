// SPDX-License-Identifier: Apache-2.0
import Foundation
import NetworkFlows
import Testing
import Units

/// Oracles that are not committed, found beside the checkout or where FORESHADOW_SHARED says.
enum SharedData {
  static let root = ProcessInfo.processInfo.environment["FORESHADOW_SHARED"] ?? "../shared"

  static func exists(_ name: String) -> Bool {
    let found = FileManager.default.fileExists(atPath: "\(root)/oracles/\(name)")
    if !found { print("skipped: no shared data (\(name))") }
    return found
  }
}

/// The file `simgrid_flows.json`: four flows on a line of three links, run by SimGrid 3.32.
struct FlowOracle: Decodable {
  static let file = "simgrid_flows.json"
  struct Link: Decodable {
    var id: String
    var Bps: Double
  }
  struct Topology: Decodable { var links: [Link] }
  struct Flow: Decodable {
    var id: String
    var route: [String]
    var bytes: Double
    var start: Double
  }
  var topology: Topology
  var flows: [Flow]
  var expected_maxmin_zero_latency: [String: Double]
}

@Suite("Max-min fair flows")
struct FlowSharingTests {
  /// Event times are whole nanoseconds; SimGrid prints nine decimals.
  static let oracleTolerance = 1e-9

  @Test(
    "SimGrid's completion times",
    .enabled(if: SharedData.exists(FlowOracle.file)))  // skipped: no shared data
  func simGrid() throws {
    let url = URL(fileURLWithPath: "\(SharedData.root)/oracles/\(FlowOracle.file)")
    let oracle = try JSONDecoder().decode(FlowOracle.self, from: Data(contentsOf: url))
    let names = oracle.topology.links.map(\.id)
    var network = FlowSharing(capacities: oracle.topology.links.map { BytesPerSecond($0.Bps) })
    var idOf: [FlowID: String] = [:]
    var endOf: [String: Double] = [:]
    for flow in oracle.flows.sorted(by: { $0.start < $1.start }) {
      for end in network.advance(to: .seconds(flow.start)) {
        endOf[try #require(idOf[end.flow])] = end.time.seconds
      }
      let path = try flow.route.map { LinkID(try #require(names.firstIndex(of: $0))) }
      idOf[network.addFlow(over: path, bytes: Bytes(flow.bytes))] = flow.id
    }
    while let next = network.nextCompletion() {
      for end in network.advance(to: next.time) {
        endOf[try #require(idOf[end.flow])] = end.time.seconds
      }
    }
    #expect(endOf.count == 4)
    for (id, expected) in oracle.expected_maxmin_zero_latency {
      let found = try #require(endOf[id])
      #expect(abs(found - expected) <= Self.oracleTolerance * expected, "\(id)")
    }
  }

  @Test("two flows on one link get half each; the one left gets all")
  func twoFlows() {
    var network = FlowSharing(capacities: [BytesPerSecond(100)])
    let first = network.addFlow(over: [LinkID(0)], bytes: Bytes(1000))
    let second = network.addFlow(over: [LinkID(0)], bytes: Bytes(500))
    #expect(network.rate(of: first) == BytesPerSecond(50))
    #expect(network.takeRateChanges() == [first, second])
    #expect(network.advance(to: .seconds(10)) == [FlowCompletion(flow: second, time: .seconds(10))])
    #expect(network.rate(of: first) == BytesPerSecond(100))
    #expect(network.takeRateChanges() == [first])
    #expect(network.remaining(of: first) == Bytes(500))
    #expect(network.nextCompletion() == FlowCompletion(flow: first, time: .seconds(15)))
  }

  @Test("a cap leaves its rest to the others; lifting it takes it back")
  func caps() {
    var network = FlowSharing(capacities: [BytesPerSecond(90)])
    let capped = network.addFlow(
      over: [LinkID(0)], bytes: Bytes(.infinity), cap: BytesPerSecond(10))
    let other = network.addFlow(over: [LinkID(0)], bytes: Bytes(.infinity))
    #expect(network.rate(of: other) == BytesPerSecond(80))
    network.setCap(BytesPerSecond(60), of: capped)
    #expect(network.rate(of: capped) == BytesPerSecond(45))
    #expect(network.rate(of: other) == BytesPerSecond(45))
    network.removeFlow(other)
    #expect(network.rate(of: capped) == BytesPerSecond(60))
    #expect(network.rate(of: other) == .zero)
    #expect(network.nextCompletion() == nil)
  }

  @Test("a link that is down holds its flows; they end later by that time")
  func linkDown() {
    var network = FlowSharing(capacities: [BytesPerSecond(100), BytesPerSecond(100)])
    let flow = network.addFlow(over: [LinkID(0), LinkID(1)], bytes: Bytes(1000))
    network.advance(to: .seconds(4))
    network.setCapacity(.zero, of: LinkID(1))
    #expect(network.rate(of: flow) == .zero)
    #expect(network.nextCompletion() == nil)
    network.advance(to: .seconds(9))
    network.setCapacity(BytesPerSecond(50), of: LinkID(1))
    #expect(network.nextCompletion() == FlowCompletion(flow: flow, time: .seconds(21)))
  }

  @Test("a transfer inside a host needs no link; one without bytes ends at once")
  func degenerate() {
    var network = FlowSharing(capacities: [])
    let local = network.addFlow(over: [], bytes: Bytes(100), cap: BytesPerSecond(50))
    let empty = network.addFlow(over: [], bytes: .zero, cap: .zero)
    #expect(network.nextCompletion() == FlowCompletion(flow: empty, time: .zero))
    #expect(network.advance(to: .seconds(3)).map(\.flow) == [empty, local])
    #expect(network.flowCount == 0)
  }
}
