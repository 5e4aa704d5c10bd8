// SPDX-License-Identifier: Apache-2.0
import Numerics
import SimulationKernel
import Testing

/// Sums of some thousand terms of magnitude 1, each rounded once or twice.
private let roundingTolerance = 1e-11

private func noise(_ count: Int, seed: Int) -> [Double] {
  var stream = RandomStream(seed: UInt64(seed), purpose: "test/transforms")
  return (0..<count).map { _ in stream.uniform() * 2 - 1 }
}

@Suite("Power spectrum")
struct PowerSpectrumTests {
  /// numpy.abs(numpy.fft.rfft([1, 2, 3, 4]))**2 = [100, 8, 4]; of [1, 2, 4]: [49, 7].
  @Test("small cases by hand")
  func byHand() {
    #expect(zip(powerSpectrum([1, 2, 3, 4]), [100, 8, 4]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(zip(powerSpectrum([1, 2, 4]), [49, 7]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(powerSpectrum([]) == [])
    #expect(powerSpectrum([3]) == [9])
  }

  @Test("Parseval's theorem holds for any length", arguments: [2, 3, 16, 60, 97, 288, 1009, 2016])
  func parseval(count: Int) {
    let values = noise(count, seed: count)
    let power = powerSpectrum(values)
    #expect(power.count == count / 2 + 1)
    let isEven = count % 2 == 0
    let mirrored = power.indices.reduce(0) { sum, index in
      sum + power[index] * (index == 0 || (isEven && index == count / 2) ? 1 : 2)
    }
    let energy = values.reduce(0) { $0 + $1 * $1 } * Double(count)
    #expect(abs(mirrored - energy) < roundingTolerance * energy)
  }
}

@Suite("Haar transform")
struct HaarTransformTests {
  /// Details (x₁ − x₂)/√2 pair by pair, those of the pairs' sums/√2, and the sum over √n.
  @Test("four values by hand")
  func byHand() throws {
    let transform = try #require(HaarTransform(maximumLength: 4))
    var values = [1.0, 2, 3, 5]
    transform.forward(&values, count: 4)
    let root = 2.0.squareRoot()
    let expected = [5.5, -2.5, -1 / root, -2 / root]
    #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 1e-14 })
  }

  @Test(
    "analysis and synthesis are the identity, and keep the energy (Parseval)",
    arguments: [1, 2, 4, 64, 1024])
  func identity(count: Int) throws {
    let transform = try #require(HaarTransform(maximumLength: 1024))
    let values = noise(count, seed: count)
    var changed = values
    transform.forward(&changed, count: count)
    let energies = [values, changed].map { $0.reduce(0) { $0 + $1 * $1 } }
    #expect(abs(energies[0] - energies[1]) < roundingTolerance * energies[0])
    transform.inverse(&changed, count: count)
    #expect(zip(values, changed).allSatisfy { abs($0 - $1) < roundingTolerance })
  }

  @Test("the first n/2^j coefficients are the transform of the blocks' means times √(2^j)")
  func approximation() throws {
    let transform = try #require(HaarTransform(maximumLength: 64))
    var values = noise(64, seed: 5)
    let means = (0..<8).map { values[$0 * 8..<$0 * 8 + 8].reduce(0, +) / 8 }
    transform.forward(&values, count: 64)
    transform.inverse(&values, count: 8)
    #expect(
      zip(values, means).allSatisfy { abs($0 - $1 * 8.0.squareRoot()) < roundingTolerance })
  }
}
