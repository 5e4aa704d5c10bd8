// SPDX-License-Identifier: Apache-2.0

/// SplitMix64: a 64-bit counter with a mixing function; it seeds the streams.
///
/// Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014,
/// doi:10.1145/2660193.2660195, with the constants of Vigna's reference program.
@frozen
public struct SplitMix64: Sendable, Hashable, Codable {
  /// The counter.
  public var state: UInt64

  /// A generator whose counter starts at `seed`.
  @inlinable
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  @inlinable
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// A stream of pseudo-random numbers for one purpose of one entity under one seed.
///
/// ```swift
/// var arrivals = RandomStream(seed: scenario.seed, purpose: "arrivals", entity: 17)
/// let gap = arrivals.exponential(mean: 0.25)
/// ```
/// A stream depends on its three keys only, not on which other streams exist or how often they
/// were used. So adding an entity leaves the others' numbers alone, and two policies under the
/// same seed see the same world (common random numbers).
///
/// The generator is xoshiro256++ (Blackman and Vigna, "Scrambled Linear Pseudorandom Number
/// Generators", ACM TOMS 47(4), 2021, doi:10.1145/3460772), seeded by ``SplitMix64`` as its
/// authors advise. Period 2^256 − 1; not for secrets. A stream is a plain value: a copy repeats
/// the same numbers, and a checkpoint stores it with `Codable`.
///
/// It is deliberately no `RandomNumberGenerator`: how the standard library turns bits into a
/// number or a permutation is not a contract, so results could change with the compiler.
@frozen
public struct RandomStream: Sendable, Hashable, Codable {
  @usableFromInline var s0: UInt64
  @usableFromInline var s1: UInt64
  @usableFromInline var s2: UInt64
  @usableFromInline var s3: UInt64

  /// The stream of a purpose and an entity.
  ///
  /// The four words of state are the first outputs of SplitMix64 started at
  /// `m(m(m(seed) ^ h(purpose)) ^ entity)`, where *m* is one step of SplitMix64 (a bijection) and
  /// *h* the FNV-1a hash of the purpose's UTF-8 text. For one seed and purpose two entities never
  /// share a state; two purposes do with a chance of 2^-64 each pair.
  ///
  /// - Parameters:
  ///   - seed: The run's seed.
  ///   - purpose: What the numbers are for, such as `"arrivals"`.
  ///   - entity: Whose they are: the entity's stable number, not its order of creation.
  @inlinable
  public init(seed: UInt64, purpose: String, entity: UInt64 = 0) {
    func mix(_ value: UInt64) -> UInt64 {
      var generator = SplitMix64(seed: value)
      return generator.next()
    }
    self.init(seeding: mix(mix(mix(seed) ^ fnv1a(purpose)) ^ entity))
  }

  /// The generator as its authors seed it: the state is the next four outputs of SplitMix64.
  @inlinable
  public init(seeding value: UInt64) {
    var generator = SplitMix64(seed: value)
    s0 = generator.next()
    s1 = generator.next()
    s2 = generator.next()
    s3 = generator.next()
  }

  /// A generator with a given state.
  ///
  /// - Precondition: The four words are not all zero, the one state that never changes.
  @inlinable
  public init(state: (UInt64, UInt64, UInt64, UInt64)) {
    precondition(state != (0, 0, 0, 0), "the state of xoshiro256++ must not be all zero")
    (s0, s1, s2, s3) = state
  }

  /// The next 64 bits.
  @inlinable
  public mutating func next() -> UInt64 {
    let sum = s0 &+ s3
    let result = (sum << 23 | sum >> 41) &+ s0
    let shifted = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = s3 << 45 | s3 >> 19
    return result
  }

  /// A number in [0, 1), one of the 2^53 multiples of 2^-53, all equally likely.
  @inlinable
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number in (0, 1): the midpoints of 2^52 equal intervals, for inverse distribution functions.
  @inlinable
  mutating func openUniform() -> Double {
    (Double(next() >> 12) + 0.5) * 0x1p-52
  }

  /// A number in [lower, upper).
  ///
  /// - Precondition: The range is finite and not empty.
  @inlinable
  public mutating func uniform(in range: Range<Double>) -> Double {
    precondition(!range.isEmpty && range.lowerBound.isFinite && range.upperBound.isFinite)
    let fraction = uniform()
    let value = range.lowerBound * (1 - fraction) + range.upperBound * fraction
    // Rounding can reach the upper bound, which does not belong to the range.
    return value < range.upperBound ? max(value, range.lowerBound) : range.upperBound.nextDown
  }

  /// A whole number in 0 ..< bound, all equally likely.
  ///
  /// Source: Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 29(1), 2019,
  /// doi:10.1145/3230636. Draws more than once with a chance below `bound`/2^64.
  ///
  /// - Precondition: `bound` is positive.
  @inlinable
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "a random integer needs a positive bound")
    let bound = UInt64(bound)
    var product = next().multipliedFullWidth(by: bound)
    if product.low < bound {
      let rest = (0 &- bound) % bound
      while product.low < rest { product = next().multipliedFullWidth(by: bound) }
    }
    return Int(product.high)
  }

  /// True with the given probability; outside [0, 1] that means never or always.
  @inlinable
  public mutating func bernoulli(_ probability: Double) -> Bool { uniform() < probability }

  /// Puts an array into random order, each one equally likely (Fisher and Yates).
  @inlinable
  public mutating func shuffle<Element>(_ array: inout [Element]) {
    guard array.count > 1 else { return }
    for last in stride(from: array.count - 1, to: 0, by: -1) {
      array.swapAt(last, integer(below: last + 1))
    }
  }
}

/// The FNV-1a hash (64 bit) of a text's UTF-8 bytes; the same in every process.
///
/// Source: Fowler, Noll, Vo and Eastlake, IETF draft-eastlake-fnv.
@inlinable
package func fnv1a(_ text: String) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  return hash
}
