// SPDX-License-Identifier: Apache-2.0
import Testing

/// Each rule of the tidy test on small examples: it must find what is bad and leave what is good.
@Suite("Tidy: the rules themselves")
struct TidyRuleTests {
  private func file(_ contents: String, path: String = "Sources/PVMS/X.swift") -> SourceFile {
    SourceFile(path: path, contents: contents)
  }

  private func lines(_ findings: [Finding]) -> [Int] { findings.map(\.line) }

  @Test("comments and strings are not code; interpolations are")
  func scanning() {
    let text = SwiftText(
      """
      let a = "x { y" // z {
      let b = #"raw \\(no) " { "# /* { /* nested { */ */
      let c = "\\(call("inner } \\(deep)"))"
      let d = \"\"\"
        { unbalanced "
        \"\"\"
      end
      """)
    #expect(text.tokens.filter { "{}".contains($0.text) }.isEmpty)
    let words = text.tokens.map(\.text).filter { $0.first?.isLetter == true }
    #expect(words == ["let", "a", "let", "b", "let", "c", "call", "deep", "let", "d", "end"])
    #expect(text.tokens.last == SwiftText.Token(text: "end", line: 7))
    #expect(text.comments.map(\.line) == [1, 2])
    #expect(text.linesWithoutComments[0].hasPrefix("let a = \"x { y\"  "))
  }

  @Test(
    "an import that does not point down is found",
    arguments: [
      ("PVMS", "DataCenter", false), ("DataCenter", "PVMS", false), ("Units", "HDF5", false),
      ("ControlPlane", "PVMS", false), ("Experiments", "Reporting", false),
      ("Unheard", "Units", false), ("PVMS", "Forecasting", true), ("HDF5", "Units", true),
      ("BaselinePolicies", "PVMS", true), ("Experiments", "HDF5", true), ("PVMS", "Yams", true),
    ])
  func layering(module: String, other: String, isAllowed: Bool) {
    let source = file("import \(other)\n", path: "Sources/\(module)/X.swift")
    #expect(importFindings(source).isEmpty == isAllowed)
    let module = Manifest.Module(name: module, dependencies: [other])
    #expect(manifestFindings([module]).isEmpty == isAllowed)
  }

  @Test("imports are found in every form")
  func importForms() {
    let source = file("public import Units\nimport struct Workloads.DemandTrace\n// import X\n")
    #expect(imports(of: source).map(\.module) == ["Units", "Workloads"])
    #expect(
      lines(importFindings(file("import Foundation\n", path: "Sources/Units/X.swift"))) == [1])
    #expect(importFindings(file("import Foundation\n")).isEmpty)
  }

  @Test("the manifest's targets and dependencies are read")
  func manifest() {
    let manifest = Manifest(
      """
      func module(_ name: String) -> Target { .target(name: name, dependencies: x) }
      .systemLibrary(name: "CHDF5", path: "Sources/CHDF5"),
      module("Units", []),  // module("No", ["Such"]),
      module(
        "PVMS", ["Units", .product(name: "Yams", package: "Yams")]),
      .executableTarget(
        name: "foreshadow", dependencies: ["PVMS"]),
      .testTarget(name: "UnitsTests", dependencies: ["Units"]),
      """)
    #expect(manifest.systemLibraries == ["CHDF5"])
    #expect(manifest.modules.map(\.name) == ["Units", "PVMS", "foreshadow"])
    #expect(manifest.modules.map(\.dependencies) == [[], ["Units", "Yams", "Yams"], ["PVMS"]])
  }

  @Test(
    "an iteration in hash order is found",
    arguments: [
      "var d: [String: Int] = [:]\nfor (k, v) in d { use(k) }",
      "let d = [String: Int]()\nfor k in self.d.keys where k > 0 { use(k) }",
      "let d = [1: 2]\nlet a = d.map { $0 }",
      "let d: Dictionary<Int, Int> = f()\nlet a = d.values.reduce(0, +)",
      "let s: Set<Int> = []\nlet a = Array(s)",
      "let s = Set(list)\nlet a = zip(s, other)",
      "let a = 0\nfor x in Set(list) { use(x) }",
      "let a = 0\nlet b = Set(list.map { $0.id }).map { $0 + 1 }",
      "let a = 0\nfunc f(_ d: inout [Int: Int]) { for p in d { use(p) } }",
      "struct S { let d: [Int: [String: Int]] }\nlet k = s.d.keys.first",
      "let d = [\"a\": x ? 1 : 2]\nd.forEach { use($0) }",
      "let d = [Int: Int]() // order-free: no\nd.forEach { use($0) }",
    ])
  func hashOrder(code: String) {
    #expect(lines(hashOrderFindings(file(code))) == [2])
  }

  @Test(
    "look-ups, sorted iterations, arrays and reasons are left alone",
    arguments: [
      "var d: [String: Int] = [:]\nd[key] = 1\nif d.keys.contains(key) { use(d.count) }",
      "let d: [String: Int] = f()\nfor k in d.keys.sorted() { use(d[k]) }",
      "let d: [String: Int] = f()\nlet a = d\n  .map { $0 }\n  .sorted { $0.key < $1.key }",
      "let a: [Int] = [x ? 1 : 2]\nfor x in a { use(x) }",
      "let s = Set(list)\nif s.contains(3) { use(Set(list).count) }",
      "let d: [Int: [Int]] = f()\nfor x in d[3] ?? [] { use(x) }",
      "let d: [Int: Int] = f()\n// order-free: maximum only\nlet m = d.values.reduce(0, max)",
      "let s = Set(list).sorted()\nfor x in s { use(x) }",
      "func f(d: [Int: Int]) {}\nfunc g(d: [Int]) { for x in d { use(x) } }",
    ])
  func hashOrderAllowed(code: String) {
    #expect(hashOrderFindings(file(code)) == [])
  }

  @Test(
    "clocks, environments and foreign randomness are found",
    arguments: [
      "let t = Date()", "let t = ContinuousClock().now", "clock_gettime(CLOCK_MONOTONIC, &t)",
      "let e = ProcessInfo.processInfo.environment[\"HOME\"]", "let t = \"\\(Date.now)\"",
    ])
  func clocks(code: String) {
    #expect(lines(bannedCallFindings(file(code), clocksAndSurroundings)) == [1])
    #expect(
      bannedCallFindings(file("// \(code)\nlet date = today.date"), clocksAndSurroundings) == [])
  }

  @Test(
    "foreign randomness is found",
    arguments: [
      "let x = Double.random(in: 0...1)", "let y = list.shuffled()", "list.shuffle()",
      "var g = SystemRandomNumberGenerator()", "let z = list.randomElement()", "let u = UUID()",
    ])
  func randomness(code: String) {
    #expect(lines(bannedCallFindings(file(code), foreignRandomness)) == [1])
    #expect(
      bannedCallFindings(file("let x = stream.uniform()\nfunc rand() {}"), foreignRandomness) == [])
  }

  @Test(
    "force unwraps and other traps are found",
    arguments: [
      "let a = b!", "let a = b!.c", "let a = d[0]!", "f(x()!)", "var w: View!", "let a = try! f()",
      "let a = b as! C", "fatalError(\"no\")",
    ])
  func traps(code: String) {
    let source = file(code)
    let found = forceUnwrapFindings(source) + bannedCallFindings(source, trappingCalls)
    #expect(found.isEmpty == false)
  }

  @Test(
    "negations and comparisons are no traps",
    arguments: [
      "if !a && b != c { d = !e }", "let a = b ?? c // b!", "let a = \"b!\"", "f(!x)",
      "precondition(x > 0)",
    ])
  func noTraps(code: String) {
    let source = file(code)
    #expect(forceUnwrapFindings(source) == [])
    #expect(bannedCallFindings(source, trappingCalls) == [])
    let reason = "// contract: the library gives back what it was given\nfatalError(\"no\")"
    #expect(bannedCallFindings(file(reason), trappingCalls, unless: "contract") == [])
    #expect(lines(bannedCallFindings(file(reason), trappingCalls)) == [2])
  }

  @Test("a function over the limit is found, one at the limit is not")
  func functionLength() {
    func function(_ head: String, lines count: Int) -> String {
      "\(head) {\n" + String(repeating: "  work()\n", count: count - 2) + "}\n"
    }
    for head in [
      "func f()", "init?(x: Int = { 3 }()) throws",
      "static func g<T>(\n  a: [T]\n) -> T where T: P",
      "subscript(i: Int) -> Int", "deinit",
    ] {
      let extra = head.filter { $0 == "\n" }.count
      #expect(functionLengthFindings(file(function(head, lines: 70 - extra))) == [], "\(head)")
      #expect(lines(functionLengthFindings(file(function(head, lines: 71 - extra)))) == [1])
    }
    let requirements = "protocol P {\n  func a()\n  init()\n  var x: Int { get }\n}\n"
    let padding = String(repeating: "let x = \"}\" // {\n", count: 80)
    #expect(functionLengthFindings(file(requirements + padding)) == [])
  }

  @Test("files without licence line, too long or too wide are found")
  func layout() {
    let licence = "// SPDX-License-Identifier: Apache-2.0\n"
    #expect(layoutFindings(file(licence + "let x = 1\n")) == [])
    #expect(lines(layoutFindings(file("let x = 1\n"))) == [1])
    func columns(_ head: String, _ count: Int) -> [Int] {
      let line = head + String(repeating: "x", count: count - head.count)
      return lines(layoutFindings(file(licence + line)))
    }
    #expect(columns("", 100) == [] && columns("", 101) == [2])
    #expect(columns("/// ", 120) == [] && columns("/// ", 121) == [2])
    #expect(columns("f(\"é\", ", 120) == [] && columns("f(\"é\", ", 121) == [2])
    #expect(columns("let a = \"\"\"\n", 300) == [])
    #expect(layoutFindings(file(licence + String(repeating: "x\n", count: 499))) == [])
    #expect(
      lines(layoutFindings(file(licence + String(repeating: "x\n", count: 500)))) == [501])
  }

  @Test("marks of unfinished work are found in comments only")
  func unfinished() {
    let mark = "TO" + "DO"
    #expect(lines(unfinishedFindings(file("let a = 1\n/* \(mark): b */\n"))) == [2])
    #expect(unfinishedFindings(file("let a = \"\(mark)\"\n// METHODOLOGY\n")) == [])
  }

  @Test(
    "paths of one machine are found",
    arguments: [
      ("see /wo" + "rk/x", true), ("cd \"/ro" + "ot/x\"", true), ("/ho" + "me/me", true),
      ("https://example.org/wo" + "rk/x", false), ("Sources/ro" + "ot/x", false),
      ("/usr/lib", false),
    ])
  func machinePaths(text: String, isBad: Bool) {
    #expect(machinePathFindings(path: "x", contents: text).isEmpty != isBad)
  }

  @Test("a module without page or tests is found")
  func companions() {
    func findings(_ existing: [String]) -> Int {
      missingCompanionFindings(module: "M", exists: existing.contains, paths: existing).count
    }
    #expect(findings(["Sources/M/M.docc/M.md", "Tests/MTests/T.swift"]) == 0)
    #expect(findings(["Sources/M/M.docc/M.md", "Tests/MTests/data.csv"]) == 1)
    #expect(findings([]) == 2)
  }

  @Test("a model that is not described or not exercised is found")
  func models() {
    let models = registrations(
      in: file(
        """
        source.alternative("placement", default: "first", of: [
          Alternative("best-fit", about: "fullest host that has room") { f(&$0) },
          Alternative<S, T>("first",
            about: "lowest number"), // Alternative("old", about: "gone")
          Alternative("bare", about: "")
        """))
    #expect(models.map(\.name) == ["best-fit", "first", "bare"])
    #expect(models.map(\.line) == [2, 3, 5] && models.map(\.isDefault) == [false, true, false])
    func findings(_ test: String, _ scenario: String) -> [Int] {
      lines(unprovenModelFindings(models, tests: [test], scenarios: [scenario]))
    }
    #expect(findings("f(\"best-fit\")", "bare") == [5])
    #expect(findings("bare", "placement: best-fit\n") == [5])
    #expect(findings("", "placement: best-fit-decreasing\n") == [2, 5, 5])
  }
}
