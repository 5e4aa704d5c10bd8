// SPDX-License-Identifier: Apache-2.0
import Foundation
import Numerics
import Testing

/// Line searches stop when the gradient is below 1e-6; in x that is better than this here.
private let pointTolerance = 1e-4

@Test("Rosenbrock's valley is followed to its end at (1, 1)")
func rosenbrock() {
  let minimum = Minimizer.bfgs(
    { x in
      let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
      return a * a + 100 * b * b
    }, from: [-1.2, 1])
  #expect(abs(minimum.point[0] - 1) < pointTolerance)
  #expect(abs(minimum.point[1] - 1) < pointTolerance)
  #expect(minimum.value < 1e-8)
}

@Test("Where the function is undefined the search turns back")
func undefinedRegion() {
  // ln is NaN left of 0; the minimum of x − ln x is at 1.
  let minimum = Minimizer.bfgs(
    { x in
      x[0] > 0 ? x[0] - log(x[0]) : .nan
    }, from: [3], step: 10)
  #expect(abs(minimum.point[0] - 1) < pointTolerance)
}

@Test("A function that is undefined everywhere returns the start")
func undefinedEverywhere() {
  let minimum = Minimizer.bfgs({ _ in .nan }, from: [2, 3])
  #expect(minimum.point == [2, 3])
  #expect(minimum.value == Minimizer.undefined)
}
