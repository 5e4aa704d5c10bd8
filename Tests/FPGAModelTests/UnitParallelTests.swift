// SPDX-License-Identifier: Apache-2.0
import FPGAModel
import SimulationKernel
import Testing

@Suite("own engine against its RTL", .serialized)
struct RTLTests {
  /// The stated target is 500 configurations without a cycle or a bit of difference.
  static let configurations = 520

  @Test(
    "cycles and every bit of h and of the head are those of the RTL",
    .enabled(if: RTLBench.isAvailable, "skipped: no Verilator"))
  func configurations() throws {
    var stream = RandomStream(seed: 11, purpose: "rtl")
    let cases = (0..<Self.configurations).map { _ in RTLCase(&stream) }
    Self.expectCoverage(cases)
    var numbers = RTLBench.tables
    for one in cases { numbers += one.numbers }
    let answers = try RTLBench.run(numbers).map { $0.joined(separator: " ") }
    let expected = cases.map { $0.expected() }
    #expect(answers.count == expected.reduce(0) { $0 + $1.count })
    var position = 0
    for (one, lines) in zip(cases, expected) {
      for line in lines where position < answers.count {
        #expect(
          answers[position] == line,
          """
          U \(one.units), I \(one.inputs), H \(one.hidden), O \(one.outputs), lengths \
          \(one.lengths), load \(one.loadInterval), stalls \(one.stalls)
          """)
        position += 1
      }
    }
  }

  /// The corners of what is stated: U 1 … 8, H 4 … 64, I 1 … 12, T 1 … 288, B 1 … 16, ragged, stalls.
  private static func expectCoverage(_ cases: [RTLCase]) {
    #expect(Set(cases.map(\.units)) == Set(1...8))
    #expect(Set(cases.map(\.inputs)) == Set(1...12))
    let hidden = cases.map(\.hidden)
    #expect(hidden.min() == 4 && hidden.max() == 64)
    #expect(Set(cases.map(\.lengths.count)) == Set(1...16))
    let longest = cases.compactMap { $0.lengths.max() }
    #expect(longest.min() == 1 && longest.max() ?? 0 > 250)
    #expect(cases.count { Set($0.lengths).count > 1 } > 100)
    #expect(cases.count { $0.stalls != .none } > 100)
  }

  @Test(
    "the decision unit finds the same in the same number of cycles",
    .enabled(if: RTLBench.isAvailable, "skipped: no Verilator"))
  func decisions() throws {
    var stream = RandomStream(seed: 12, purpose: "decisions")
    var numbers = RTLBench.tables
    var expected: [String] = []
    for _ in 0..<200 {
      let count = 1 + Int(stream.uniform() * 4096 * stream.uniform())
      let spread = stream.uniform() < 0.5 ? 20.0 : 60_000
      let values = (0..<count).map { _ in Int16((stream.uniform() - 0.5) * spread) }
      let threshold = Int16((stream.uniform() - 0.5) * spread)
      numbers += [0, Int32(count), Int32(threshold)] + values.map(Int32.init)
      let found = DecisionUnit.decide(values, threshold: threshold)
      expected.append(
        "decision \(DecisionUnit().cycles(count: count)) \(found.least) \(found.index) "
          + "\(found.reaching)")
    }
    let answers = try RTLBench.run(numbers).map { $0.joined(separator: " ") }
    #expect(answers == expected)
  }
}

@Suite("own engine")
struct UnitParallelTests {
  /// A model with one constant wrong by a cycle must be found out by the configurations above.
  @Test(
    "each term of the cycle formula matters in the compared configurations",
    arguments: [
      PipelineProfile(name: "drain", drain: 15, bubble: 1, headDrain: 8),
      PipelineProfile(name: "drain", drain: 17, bubble: 1, headDrain: 8),
      PipelineProfile(name: "bubble", drain: 16, bubble: 0, headDrain: 8),
      PipelineProfile(name: "bubble", drain: 15, bubble: 2, headDrain: 8),
      PipelineProfile(name: "head", drain: 16, bubble: 1, headDrain: 9),
    ])
  func sensitivity(wrong: PipelineProfile) {
    var stream = RandomStream(seed: 11, purpose: "rtl")
    let differing = (0..<100).count { _ in
      let one = RTLCase(&stream)
      var engine = one.engine
      let right = engine.cycles(lengths: one.lengths)
      engine.pipeline = wrong
      return engine.cycles(lengths: one.lengths) != right
    }
    #expect(differing >= 10)
  }

  @Test("the closed form is the recursion for equal lengths without stalls")
  func closedForm() {
    var stream = RandomStream(seed: 13, purpose: "closed form")
    for _ in 0..<2000 {
      func draw(_ limit: Int) -> Int { 1 + Int(stream.uniform() * Double(limit)) }
      let network = NetworkShape(
        inputs: draw(12), hidden: draw(64), steps: draw(40), dense: [draw(40)])
      let engine = UnitParallelEngine(
        network: network, units: draw(8), batch: draw(16), clockHertz: 1e8)
      let lengths = [Int](repeating: network.steps, count: engine.batch)
      #expect(engine.estimate().cycles == engine.cycles(lengths: lengths))
      #expect(engine.estimate().utilisation <= 1)
    }
  }

  /// One unit, one input, one step: columns 0 and 1 of h (zero), x and the bias take C = 3 cycles,
  /// the head 2; begin at 2, D = 16, so 2 + 2 + 17 + 1 + 8.
  @Test("the smallest engine, counted by hand")
  func smallest() {
    let engine = UnitParallelEngine(
      network: NetworkShape(inputs: 1, hidden: 1, steps: 1, dense: [1]), units: 1,
      clockHertz: 1e8)
    #expect(engine.estimate().cycles == 2 + 2 + 17 + 1 + 8)
  }

  @Test("stalls cost at most the stalled share, and loading hides behind computing")
  func limits() {
    let engine = UnitParallelEngine(
      network: NetworkShape(inputs: 4, hidden: 32, steps: 12, dense: [1]), units: 4, batch: 8,
      clockHertz: 1e8)
    let lengths = [Int](repeating: 12, count: 8)
    let free = engine.cycles(lengths: lengths)
    let half = engine.cycles(lengths: lengths, stalls: StallPattern(period: 2, stalled: 1))
    #expect(half > free && half <= 2 * free)
    let ends = engine.ends(runs: 5, lengths: lengths)
    #expect(ends[4] - ends[3] == free)
    #expect(ends[0] == free + engine.weightLines)
  }
}
