// SPDX-License-Identifier: Apache-2.0
import Forecasting
import SimulationKernel
import Testing

/// Products of up to 64 stochastic matrices: every step rounds each of 40 terms once.
private let chainTolerance = 1e-12

@Suite("The binned Markov chain")
struct BinnedMarkovChainTests {
  private func noise(seed: Int, count: Int = 400) -> [Double] {
    var stream = RandomStream(seed: UInt64(seed), purpose: "test/chain")
    var level = 0.0
    return (0..<count).map { _ in
      level = 0.7 * level + stream.uniform()
      return level
    }
  }

  /// P by counting, the slow obvious way; a bin that was never left stays.
  private func matrix(_ values: [Double], bins: Int) -> (matrix: [[Double]], last: Int) {
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    let states = values.map { min(bins - 1, Int(($0 - low) / ((high - low) / Double(bins)))) }
    var counts = [[Double]](repeating: [Double](repeating: 0, count: bins), count: bins)
    for (from, to) in zip(states, states.dropFirst()) { counts[from][to] += 1 }
    for bin in 0..<bins {
      let total = counts[bin].reduce(0, +)
      if total == 0 { counts[bin][bin] = 1 }
      if total > 0 { counts[bin] = counts[bin].map { $0 / total } }
    }
    return (counts, states.last ?? 0)
  }

  private func product(_ left: [[Double]], _ right: [[Double]]) -> [[Double]] {
    left.map { row in
      right[0].indices.map { column in
        row.indices.reduce(0) { $0 + row[$1] * right[$1][column] }
      }
    }
  }

  @Test("k steps ahead the distribution is the row of Pᵏ", arguments: 1...5)
  func chapmanKolmogorov(seed: Int) {
    let values = noise(seed: seed)
    for bins in [2, 7, 40] {
      var chain = BinnedMarkovChain(binCount: bins)
      chain.fit(values[...])
      let (once, last) = matrix(values, bins: bins)
      #expect(chain.current == last)
      // P, P², P⁴, …, P⁶⁴ by squaring.
      var power = once
      for exponent in 0...6 {
        let distribution = chain.distribution(after: 1 << exponent)
        #expect(zip(distribution, power[last]).allSatisfy { abs($0 - $1) < chainTolerance })
        #expect(abs(distribution.reduce(0, +) - 1) < chainTolerance)
        power = product(power, power)
      }
    }
  }

  @Test("the prediction is the distribution's mean over the values seen in each bin")
  func means() throws {
    let values = noise(seed: 9)
    var chain = BinnedMarkovChain(binCount: 10)
    chain.fit(values[...])
    var path = [Double](repeating: 0, count: 20)
    path.withUnsafeMutableBufferPointer { chain.predict(into: $0) }
    for step in 1...20 {
      let distribution = chain.distribution(after: step)
      let mean = try distribution.indices.filter { distribution[$0] > 0 }.reduce(0) {
        try $0 + distribution[$1] * #require(chain.value(of: $1))
      }
      #expect(abs(path[step - 1] - mean) < chainTolerance)
      #expect(abs(chain.prediction(after: step) - mean) < chainTolerance)
    }
    let inBin = values.filter { chain.bin(of: $0) == 3 }
    let worth = try #require(chain.value(of: 3))
    #expect(abs(worth - inBin.reduce(0, +) / Double(inBin.count)) < chainTolerance)
  }

  @Test("counting goes on value by value, but not across a gap")
  func goesOn() {
    var chain = BinnedMarkovChain(binCount: 2)
    chain.fit([0, 1, 0, 1])
    #expect(chain.probability(from: 0, to: 1) == 1)
    chain.observe(1)  // 1 → 1
    #expect(chain.probability(from: 1, to: 1) == 0.5)
    chain.skip()
    chain.observe(1)  // Not another 1 → 1.
    #expect(chain.probability(from: 1, to: 1) == 0.5)
    chain.observe(7)  // Above the range: the highest bin.
    #expect(chain.bin(of: 7) == 1)
    #expect(chain.bin(of: -7) == 0)
  }

  @Test("a fit leaves nothing of what was before")
  func fitsAnew() {
    let values = noise(seed: 3)
    var used = BinnedMarkovChain(binCount: 12)
    used.fit(noise(seed: 4)[...])
    used.skip()
    used.fit(values[...])
    var fresh = BinnedMarkovChain(binCount: 12)
    fresh.fit(values[...])
    for step in [0, 1, 2, 50] {
      #expect(used.distribution(after: step) == fresh.distribution(after: step))
    }
    #expect(used.prediction(after: 3) == fresh.prediction(after: 3))
  }

  @Test("before the first value there is nothing to say")
  func empty() {
    var chain = BinnedMarkovChain(binCount: 4)
    #expect(chain.prediction(after: 3) == 0)
    chain.fit([])
    #expect(chain.current == nil)
    #expect(chain.distribution(after: 1) == [0, 0, 0, 0])
  }
}
