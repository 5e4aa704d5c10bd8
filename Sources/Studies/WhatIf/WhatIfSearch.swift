// SPDX-License-Identifier: Apache-2.0

/// What is known of one candidate.
struct CandidateScore: Sendable {
  /// Whether it meets every goal.
  var isMet: Bool
  /// What is minimised; lower is better.
  var price: Double
}

/// Finds the cheapest of an ordered row of candidates that meets the goals.
///
/// Bisection supposes that the goals are met from some candidate on and that the price rises or
/// falls along the row. Every figure that it works out is checked against that; if one
/// contradicts, all candidates are worked out.
enum WhatIfSearch {
  /// How candidates are chosen.
  enum Result: Equatable {
    /// Every candidate was worked out.
    case scanned
    /// Some were, and none of them contradicts.
    case bisected
  }

  /// Works out what is needed through `evaluate`, which keeps what it has worked out.
  ///
  /// - Parameters:
  ///   - count: Number of candidates.
  ///   - bisects: Whether to try bisection.
  ///   - evaluate: Scores of the candidates at some positions.
  /// - Returns: How it went, and the score of each candidate that was worked out.
  static func run(
    count: Int, bisects: Bool, evaluate: ([Int]) throws -> [CandidateScore]
  ) rethrows -> (result: Result, scores: [CandidateScore?]) {
    var scores = [CandidateScore?](repeating: nil, count: count)
    func work(_ positions: [Int], _ scores: inout [CandidateScore?]) throws {
      let open = positions.filter { scores[$0] == nil }
      for (position, score) in zip(open, try evaluate(open)) { scores[position] = score }
    }
    if bisects, count > 2 {
      try work([0, count - 1], &scores)
      var (low, high) = (0, count - 1)
      if let first = scores[0], let last = scores[count - 1], first.isMet != last.isMet {
        while high - low > 1 {
          let middle = (low + high) / 2
          try work([middle], &scores)
          if scores[middle]?.isMet == first.isMet { low = middle } else { high = middle }
        }
        // One more beyond the boundary, so that the price's direction is seen and not supposed.
        let inside = first.isMet ? low - 1 : high + 1
        if (0..<count).contains(inside) { try work([inside], &scores) }
      } else {
        try work([count / 2], &scores)
      }
      let known = scores.compactMap { $0 }
      // That nothing meets the goals is said only when everything was tried.
      if known.contains(where: \.isMet), isMonotone(known) { return (.bisected, scores) }
    }
    try work(Array(0..<count), &scores)
    return (.scanned, scores)
  }

  /// Whether the goals change once at most, and the price of those that meet them goes one way.
  static func isMonotone(_ scores: [CandidateScore]) -> Bool {
    let changes = zip(scores, scores.dropFirst()).count { $0.isMet != $1.isMet }
    let prices = scores.filter(\.isMet).map(\.price)
    let steps = zip(prices, prices.dropFirst()).map { $1 - $0 }
    return changes <= 1 && (steps.allSatisfy { $0 >= 0 } || steps.allSatisfy { $0 <= 0 })
  }

  /// The cheapest candidate that meets the goals; of equal ones the first.
  static func best(_ scores: [CandidateScore?]) -> Int? {
    var best: Int?
    for (position, score) in scores.enumerated() {
      guard let score, score.isMet, !score.price.isNaN else { continue }
      if let known = best, let price = scores[known]?.price, price <= score.price { continue }
      best = position
    }
    return best
  }
}
