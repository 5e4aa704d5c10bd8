// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Runs `body` once to warm up, then `repetitions` times; the median CPU time in seconds.
func median(of repetitions: Int, _ body: () throws -> Void) rethrows -> Double {
  try body()
  return try times(of: repetitions, body)[repetitions / 2]
}

/// Runs `body` `repetitions` times after one warm-up and prints the median and the least CPU time.
func measure(_ name: String, repetitions: Int = 1, _ body: () throws -> Void) rethrows {
  if repetitions > 1 { try body() }
  let seconds = try times(of: repetitions, body)
  print("\(name): median \(seconds[repetitions / 2] * 1000) ms, best \(seconds[0] * 1000) ms")
}

private func times(of repetitions: Int, _ body: () throws -> Void) rethrows -> [Double] {
  var seconds: [Double] = []
  for _ in 0..<repetitions {
    let start = clock()
    try body()
    seconds.append(Double(clock() - start) / Double(CLOCKS_PER_SEC))
  }
  return seconds.sorted()
}
