// SPDX-License-Identifier: Apache-2.0
import Forecasting
import SimulationKernel
import Testing

@Test("A quantile without sorting is that of the sorted values", arguments: 0..<120)
func quantileWithoutSorting(seed: Int) {
  var random = RandomStream(seed: UInt64(seed), purpose: "order")
  let count = 1 + Int(random.uniform() * 300)
  // Many equal values, few, or already in one order or the other.
  let steps = [4.0, 1e6][seed % 2]
  var values = (0..<count).map { _ in Float((random.uniform() * steps).rounded()) }
  if seed % 5 == 3 { values.sort() }
  if seed % 5 == 4 { values.sort(by: >) }
  let level = seed % 7 == 0 ? Double(seed % 2) : random.uniform()
  let sorted = values.sorted()
  let position = level * Double(count - 1)
  let (low, high) = (sorted[Int(position)], sorted[min(Int(position) + 1, count - 1)])
  let result = values.withUnsafeMutableBufferPointer {
    OrderStatistics.quantile(reordering: $0, level)
  }
  #expect(result == low + Float(position - position.rounded(.down)) * (high - low))
  #expect(values.sorted() == sorted)
}
