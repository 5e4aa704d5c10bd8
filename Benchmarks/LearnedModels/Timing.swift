// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Runs `body` `repetitions` times after one warm-up and prints the median and the least wall time.
@discardableResult
func measure(_ name: String, repetitions: Int = 1, _ body: () throws -> Void) rethrows -> Double {
  if repetitions > 1 { try body() }
  var seconds: [Double] = []
  for _ in 0..<repetitions {
    let elapsed = try ContinuousClock().measure(body)
    seconds.append(
      Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18)
  }
  seconds.sort()
  let median = seconds[seconds.count / 2]
  print("\(name): median \(median * 1000) ms, best \(seconds[0] * 1000) ms")
  return median
}
