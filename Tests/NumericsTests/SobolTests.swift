// SPDX-License-Identifier: Apache-2.0
import Numerics
import Testing

@Suite("Sobol's sequence")
struct SobolTests {
  /// The defining property of a (t, s)-sequence in one dimension (t = 0): the first 2^k points,
  /// the origin included, have one in each of 2^k equal intervals.
  @Test("fills every coordinate evenly", arguments: [1, 2, 5, 40])
  func stratified(dimensions: Int) {
    let count = 256
    let points = SobolSequence.points(count: count - 1, dimensions: dimensions)
    for dimension in 0..<dimensions {
      let cells = [0] + points.map { Int($0[dimension] * Double(count)) }
      #expect(Set(cells) == Set(0..<count))
    }
  }

  /// Bratley and Fox, ACM TOMS 14(1) 1988, in Gray-code order.
  @Test("begins as published")
  func published() {
    let points = SobolSequence.points(count: 3, dimensions: 2)
    #expect(points == [[0.5, 0.5], [0.75, 0.25], [0.25, 0.75]])
  }
}
