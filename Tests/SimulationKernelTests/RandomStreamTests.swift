// SPDX-License-Identifier: Apache-2.0
import SimulationKernel
import Testing

@Suite("Random streams")
struct RandomStreamTests {
  @Test("SplitMix64 gives the published sequence")
  func splitMix() {
    // Seed 1234567; printed by Vigna's splitmix64.c (also at rosettacode.org, task
    // "Pseudo-random numbers/Splitmix64").
    var generator = SplitMix64(seed: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    #expect(expected.allSatisfy { $0 == generator.next() })
  }

  @Test("xoshiro256++ gives the published sequence")
  func xoshiro() {
    // State 1, 2, 3, 4; from the authors' xoshiro256plusplus.c, as in the tests of several ports.
    var stream = RandomStream(state: (1, 2, 3, 4))
    let expected: [UInt64] = [
      41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386,
      9_228_616_714_210_784_205, 9_973_669_472_204_895_162, 14_011_001_112_246_962_877,
      12_406_186_145_184_390_807, 15_849_039_046_786_891_736, 10_450_023_813_501_588_000,
    ]
    #expect(expected.allSatisfy { $0 == stream.next() })
    // State 0, 0, 0, 1: most of the state's words are empty for long.
    stream = RandomStream(state: (0, 0, 0, 1))
    let sparse: [UInt64] = [
      0x80_0000, 0x80_0011, 0x2_2000_0080_0011, 0x2_2000_4400_0020, 0x2_2000_4480_08A1,
    ]
    #expect(sparse.allSatisfy { $0 == stream.next() })
  }

  @Test(
    "FNV-1a gives the published hashes",
    arguments: [
      ("", 0xCBF2_9CE4_8422_2325), ("a", 0xAF63_DC4C_8601_EC8C), ("foobar", 0x8594_4171_F739_67E8),
    ] as [(String, UInt64)])
  func hash(text: String, expected: UInt64) {
    #expect(fnv1a(text) == expected)
  }

  @Test("a stream is keyed as documented, by an independent computation")
  func keying() {
    // Printed by Tests/Oracles/random_streams.py.
    var stream = RandomStream(seed: 42, purpose: "arrivals", entity: 7)
    #expect(stream.next() == 7_815_323_272_879_715_128)
    #expect(stream.next() == 5_303_691_693_180_616_038)
    var first = RandomStream(seed: 42, purpose: "arrivals")
    #expect(first.next() == 10_313_492_597_607_111_221)
  }

  @Test("every seed, purpose and entity has a stream of its own")
  func distinct() {
    var firstDraws: [UInt64] = []
    for seed in 0..<10 as Range<UInt64> {
      for purpose in ["arrivals", "failures", "service", "", "arrivalt"] {
        for entity in 0..<1000 as Range<UInt64> {
          var stream = RandomStream(seed: seed, purpose: purpose, entity: entity)
          firstDraws.append(stream.next())
        }
      }
    }
    let sorted = firstDraws.sorted()
    #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("streams of neighbouring keys are uncorrelated", arguments: ["seed", "purpose", "entity"])
  func uncorrelated(key: String) {
    var left = RandomStream(seed: 1, purpose: "a", entity: 1)
    var right = RandomStream(
      seed: key == "seed" ? 2 : 1, purpose: key == "purpose" ? "b" : "a",
      entity: key == "entity" ? 2 : 1)
    let count = 50_000
    var products = 0.0
    for _ in 0..<count { products += (left.uniform() - 0.5) * (right.uniform() - 0.5) }
    // The product of two centred uniforms has a standard deviation of 1/12.
    #expect(abs(products) * 12 < deviations * Double(count).squareRoot())
  }

  @Test("a copy repeats, an entity more changes nothing")
  func copies() {
    func draws(entities: Range<UInt64>) -> [UInt64] {
      var streams = entities.map { RandomStream(seed: 9, purpose: "load", entity: $0) }
      for index in streams.indices { for _ in 0..<index { _ = streams[index].next() } }
      var copy = streams[3]
      #expect(copy.next() == streams[3].next())
      return streams[..<5].indices.map { streams[$0].next() }
    }
    #expect(draws(entities: 0..<5) == draws(entities: 0..<50))
  }

  @Test("whole numbers are equally likely", arguments: [2, 6, 100])
  func integers(bound: Int) {
    var stream = RandomStream(seed: 1, purpose: "integers", entity: UInt64(bound))
    var counts = [Int](repeating: 0, count: bound)
    for _ in 0..<1000 * bound { counts[stream.integer(below: bound)] += 1 }
    #expect(
      chiSquareDeviation(counts, expected: [Double](repeating: 1000, count: bound)) < deviations)
  }

  @Test("a bound that does not divide 2^64 is not biased")
  func largeBound() {
    // With a bound of 3·2^61 a plain multiplication would hit every third value half as often.
    let bound = 3 << 61
    var stream = RandomStream(seed: 1, purpose: "large bound")
    var counts = [0, 0, 0]
    for _ in 0..<30_000 { counts[stream.integer(below: bound) % 3] += 1 }
    #expect(chiSquareDeviation(counts, expected: [10_000, 10_000, 10_000]) < deviations)
  }

  @Test("every order is equally likely")
  func shuffles() {
    var stream = RandomStream(seed: 1, purpose: "shuffle")
    var counts = [Int](repeating: 0, count: 64)
    for _ in 0..<24_000 {
      var cards = [0, 1, 2, 3]
      stream.shuffle(&cards)
      counts[cards[0] * 16 + cards[1] * 4 + cards[2]] += 1
    }
    let orders = counts.filter { $0 > 0 }
    #expect(orders.count == 24)
    #expect(
      chiSquareDeviation(orders, expected: [Double](repeating: 1000, count: 24)) < deviations)
  }

  @Test("a range's ends are kept", arguments: [0.0..<1e-300, -1.0..<1.0, 1.0..<1.0.nextUp])
  func ranges(range: Range<Double>) {
    var stream = RandomStream(seed: 1, purpose: "range")
    #expect((0..<1000).allSatisfy { _ in range.contains(stream.uniform(in: range)) })
  }
}
