// SPDX-License-Identifier: Apache-2.0
import Numerics
import Testing

/// Values of the standard normal distribution, as in any table and in `metrics_reference.py`.
@Test(arguments: [(0.5, 0.0), (0.9, 1.2815515655446004), (0.975, 1.959963984540054)])
func normalQuantilesAgreeWithTheTable(level: Double, value: Double) {
  #expect(abs(StandardNormal.quantile(level) - value) < 1e-12)
  #expect(abs(StandardNormal.probability(below: value) - level) < 1e-12)
}
