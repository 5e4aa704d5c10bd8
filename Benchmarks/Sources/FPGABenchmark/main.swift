// SPDX-License-Identifier: Apache-2.0
import FPGAModel
import Foundation

// Evaluates each family of engines for many designs and prints the rate as JSON.

/// Evaluations a second of process CPU time, and a sum that depends on every result.
func rate(_ count: Int, _ cycles: (Int) -> Int) -> (perSecond: Double, sum: Int) {
  let start = clock()
  var sum = 0
  for index in 0..<count { sum &+= cycles(index) }
  let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
  return (Double(count) / max(seconds, 1e-9), sum)
}

let count = 2_000_000
let network = NetworkShape(inputs: 6, hidden: 20, steps: 20, dense: [64, 1])
let reuse = rate(count) { index in
  ReuseFactorEngine(
    network: network, reuse: 1 << (5 + index % 7), format: WordFormat(bits: 16, integerBits: 6),
    clockHertz: 200e6, strategy: .resource
  ).estimate().cycles
}
let small = NetworkShape(inputs: 4, hidden: 32, steps: 12, dense: [1])
let own = rate(count) { index in
  UnitParallelEngine(
    network: small, units: 1 + index % 8, batch: 1 + index % 16, clockHertz: 200e6
  ).estimate().cycles
}
print(
  """
  {"reusePerSecond": \(reuse.perSecond), "reuseSum": \(reuse.sum), \
  "unitPerSecond": \(own.perSecond), "unitSum": \(own.sum)}
  """)
