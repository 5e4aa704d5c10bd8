// SPDX-License-Identifier: Apache-2.0

/// Lets the first of several high scores pass and none of the others for a while.
///
/// A score passes when it exceeds everything of the last `length` samples by a factor; otherwise
/// it is the consequence of something that was already reported, and becomes 0.
struct RefractoryPeriod: Sendable, Equatable, Codable {
  /// How much higher than the recent ones a score must be to be news.
  private static let renewal = 1.25

  private let length: Int
  private var step = 0
  /// Recent scores that no later one exceeds, descending, with their steps; at most `length`.
  private var peaks: [Peak] = []

  private struct Peak: Sendable, Equatable, Codable {
    var step: Int
    var score: Double
  }

  init(length: Int) {
    self.length = length
  }

  /// The score where it is news, 0 where it is not.
  mutating func passing(_ score: Double) -> Double {
    if let oldest = peaks.first, oldest.step < step - length { peaks.removeFirst() }
    let recent = peaks.first?.score ?? 0
    while let last = peaks.last, last.score <= score { peaks.removeLast() }
    if length > 0, score > 0 { peaks.append(Peak(step: step, score: score)) }
    step += 1
    return score > Self.renewal * recent ? score : 0
  }
}
