// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import ExternalPolicy
import SimulationKernel
import Testing
import Units

@Suite("External policy: what the program says")
struct ReplyTests {
  private let reader = ReplyReader(SmallCenter.inventory)

  private func problem(_ line: String, isHello: Bool = false) -> ReplyProblem? {
    do throws(ReplyProblem) {
      if isHello {
        _ = try reader.hello(Array(line.utf8))
      } else {
        _ = try reader.round(Array(line.utf8))
      }
      return nil
    } catch {
      return error
    }
  }

  @Test("every command of the control plane can be given")
  func everyCommand() throws {
    let line = """
      {"commands":[{"command":"createShadow","vm":"web-002"},
      {"command":"createShadow","vm":"web-001","size":0.25,"thenSuspend":true,"avoiding":["r1-h02"]},
      {"command":"resizeShadow","shadow":3,"size":1},{"command":"suspendShadow","shadow":3},
      {"command":"resumeShadow","shadow":3},{"command":"terminateShadow","shadow":3},
      {"command":"shiftTraffic","shadow":3,"share":0.5},
      {"command":"migrate","vm":"batch-001","destination":"r1-h01","reason":"hotSpot"},
      {"command":"migrate","vm":"batch-001","destination":null,"reason":"consolidation"},
      {"command":"resizePrimary","vm":"web-001","capacityCores":4.5},
      {"command":"powerHost","host":"r1-h02","target":"asleep"},
      {"command":"powerRack","rack":"r1","target":"off"},
      {"command":"setSupplyTemperature","celsius":21},
      {"command":"raiseAlert","kind":"anomaly","vm":"web-001","reason":"odd"}],"wakeAtNs":60000000001}
      """.filter { $0 != "\n" }
    let reply = try reader.round(Array(line.utf8))
    let shadow = ShadowID(3)
    #expect(
      reply.orders.map(\.command) == [
        .createShadow(vm: VMID(1), size: Fraction(1), thenSuspend: false, avoiding: []),
        .createShadow(vm: VMID(0), size: Fraction(0.25), thenSuspend: true, avoiding: [HostID(1)]),
        .resizeShadow(shadow, size: Fraction(1)), .suspendShadow(shadow), .resumeShadow(shadow),
        .terminateShadow(shadow), .shiftTraffic(shadow, share: Fraction(0.5)),
        .migrate(VMID(2), destination: HostID(0), reason: .hotSpot),
        .migrate(VMID(2), destination: nil, reason: .consolidation),
        .resizePrimary(VMID(0), capacity: Cores(4.5)), .powerHost(HostID(1), .asleep),
        .powerRack(RackID(0), .off), .setSupplyTemperature(Celsius(21)),
        .raiseAlert(Alert(kind: .anomaly, vm: VMID(0), reason: "odd")),
      ])
    #expect(reply.wakeTime == SimTime(nanoseconds: 60_000_000_001))
    // Each name of the protocol was tried, so that none is left out of the list above.
    for name in CommandName.allCases { #expect(line.contains("\"\(name.rawValue)\"")) }
  }

  @Test("reasons come along, and what is left out played no part")
  func reasons() throws {
    let line =
      #"{"commands":[{"command":"suspendShadow","shadow":0,"because":{"forecastCores":3}}]}"#
    let rationale = try reader.round(Array(line.utf8)).orders[0].rationale
    #expect(rationale.forecastCores == 3)
    #expect(rationale.upperCores.isNaN && rationale.leadTimeSeconds.isNaN)
  }

  @Test("nothing to say", arguments: ["{}", #"{"commands":[]}"#, #"{"commands":null}"#])
  func silence(line: String) throws {
    let reply = try reader.round(Array(line.utf8))
    #expect(reply.orders.isEmpty && reply.wakeTime == nil)
  }

  @Test(
    "what is wrong is said with key, expectation and the nearest name",
    arguments: [
      ("", "", "expected one JSON object in one line, found an empty line"),
      ("hello", "", "found \"hello\""),
      ("{\"commands\":[NaN]}", "", "expected one JSON object"),
      ("[]", "", "expected an object, found a list"),
      (#"{"comands":[]}"#, "comands", "unknown key; did you mean \"commands\"?"),
      (#"{"commands":3}"#, "commands", "expected a list of commands, found 3"),
      (#"{"commands":[7]}"#, "commands[0]", "expected an object, found 7"),
      (#"{"commands":[{}]}"#, "commands[0].command", "missing; expected one of createShadow"),
      (
        #"{"commands":[{"command":"createShadov"}]}"#, "commands[0].command",
        "found \"createShadov\"; did you mean \"createShadow\"?"
      ),
      (#"{"commands":[{"command":"createShadow"}]}"#, "commands[0].vm", "missing"),
      (
        #"{"commands":[{"command":"createShadow","wm":"web-001"}]}"#, "commands[0].vm",
        "missing; expected the name of a VM (is \"wm\" meant to be it?)"
      ),
      (
        #"{"commands":[{},{"command":"createShadow","vm":"web-01"}]}"#, "commands[0].command",
        "missing"
      ),
      (
        #"{"commands":[{"command":"createShadow","vm":"web-01"}]}"#, "commands[0].vm",
        "found \"web-01\"; did you mean \"web-001\"?"
      ),
      (
        #"{"commands":[{"command":"createShadow","vm":"web-001","avoiding":["r1-h09"]}]}"#,
        "commands[0].avoiding[0]", "did you mean \"r1-h01\"?"
      ),
      (
        #"{"commands":[{"command":"shiftTraffic","shadow":1,"share":1.5}]}"#, "commands[0].share",
        "expected a number from 0.0 to 1.0, found 1.5"
      ),
      (
        #"{"commands":[{"command":"suspendShadow","shadow":-1}]}"#, "commands[0].shadow",
        "expected a whole number from 0 on, found -1"
      ),
      (
        #"{"commands":[{"command":"suspendShadow","shadow":true}]}"#, "commands[0].shadow",
        "expected a whole number from 0 on, found true"
      ),
      (
        #"{"commands":[{"command":"powerHost","host":"r1-h01","target":"asleap"}]}"#,
        "commands[0].target", "did you mean \"asleep\"?"
      ),
      (
        #"{"commands":[{"command":"raiseAlert","kind":"anomaly","reason":"a\u0000b"}]}"#,
        "commands[0].reason", "expected a text"
      ),
      (
        #"{"commands":[{"command":"suspendShadow","shadow":1,"becuase":{}}]}"#,
        "commands[0].becuase", "did you mean \"because\"?"
      ),
      (#"{"wakeAtNs":1e300}"#, "wakeAtNs", "expected a whole number from 0 on"),
      (#"{"wakeAtNs":99999999999999999999}"#, "wakeAtNs", "expected a whole number from 0 on"),
    ])
  func problems(line: String, key: String, message: String) throws {
    let found = try #require(problem(line))
    #expect(found.key == key)
    #expect(found.message.contains(message), "\(found.message)")
  }

  @Test(
    "the first answer states the version",
    arguments: [
      ("{}", "protocol", "missing"), (#"{"protocol":2}"#, "protocol", "expected 1"),
      (#"{"protocol":"1"}"#, "protocol", "expected a whole number"),
      (#"{"protocol":1,"answerEvents":true}"#, "answerEvents", "did you mean \"answersEvents\"?"),
      (#"{"protocol":1,"answersEvents":1}"#, "answersEvents", "expected true or false"),
    ])
  func version(line: String, key: String, message: String) throws {
    let found = try #require(problem(line, isHello: true))
    #expect(found.key == key)
    #expect(found.message.contains(message), "\(found.message)")
    #expect(try !reader.hello(Array(#"{"protocol":1}"#.utf8)).answersEvents)
  }

  @Test("a very deep line is refused, not followed")
  func depth() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(problem(deep) != nil)
    #expect(problem("{\"commands\":" + deep) != nil)
  }

  /// Lines that are nearly right: whatever comes of them, nothing traps, and what is accepted
  /// names only what exists.
  @Test("random lines end in a reply or a problem", arguments: 0..<8)
  func fuzz(seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: "test/external-policy")
    let good = [
      #"{"commands":[{"command":"createShadow","vm":"web-002","size":0.5,"avoiding":["r1-h01"]}]}"#,
      #"{"commands":[{"command":"migrate","vm":"batch-001","reason":"hotSpot"}],"wakeAtNs":61}"#,
      #"{"commands":[{"command":"resizePrimary","vm":"web-001","capacityCores":4.5}]}"#,
      #"{"commands":[{"command":"shiftTraffic","shadow":9,"share":1,"because":{"upperCores":2}}]}"#,
    ].map { Array($0.utf8) }
    let tokens = [
      "null", "1e999", "-0", "9223372036854775808", "\"\\ud800\"", "[", "{", "}", "]", ",", ":",
      "\"command\"", "\"vm\":", "é", "\u{0}", "true", "\\u0000", "\"\"", "0.1", "{\"commands\":",
    ].map { Array($0.utf8) }
    var accepted = 0
    for _ in 0..<2_500 {
      var line = good[random.integer(below: good.count)]
      for _ in 0...random.integer(below: 4) {
        let place = random.integer(below: line.count + 1)
        let end = min(line.count, place + random.integer(below: 12))
        switch random.integer(below: 4) {
        case 0: line.removeSubrange(place..<end)
        case 1 where place < line.count: line[place] = UInt8(random.integer(below: 256))
        case 2: line.insert(contentsOf: line[place..<end], at: random.integer(below: place + 1))
        default:
          line.insert(contentsOf: tokens[random.integer(below: tokens.count)], at: place)
        }
      }
      guard let reply = try? reader.round(line) else { continue }
      accepted += 1
      for order in reply.orders {
        switch order.command {
        case .createShadow(let vm, let size, _, let avoiding):
          #expect((0..<3).contains(vm.index) && (0...1).contains(size.value))
          #expect(avoiding.allSatisfy { (0..<2).contains($0.index) })
        case .migrate(let vm, _, _): #expect((0..<3).contains(vm.index))
        default: break
        }
      }
    }
    // Some changes leave a line valid: the fuzzing reaches beyond the first check.
    #expect(accepted > 10)
  }
}
