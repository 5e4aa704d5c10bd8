// SPDX-License-Identifier: Apache-2.0

/// What counts as a large difference in one metric: the range of its values, without the single
/// highest and lowest one, so that one glitch does not set the scale.
///
/// Two periods are remembered, the present and the one before, so even a repeated glitch is
/// forgotten after two periods.
struct ValueScale: Sendable, Equatable, Codable {
  /// The two lowest and the two highest values of a period.
  private struct Extremes: Sendable, Equatable, Codable {
    var count = 0
    var lowest = 0.0
    var secondLowest = 0.0
    var secondHighest = 0.0
    var highest = 0.0

    mutating func insert(_ value: Double) {
      count += 1
      if count == 1 {
        (lowest, secondLowest, secondHighest, highest) = (value, value, value, value)
      } else if count == 2 {
        (lowest, highest) = (min(lowest, value), max(highest, value))
        (secondLowest, secondHighest) = (highest, lowest)
      } else {
        if value <= lowest {
          (lowest, secondLowest) = (value, lowest)
        } else {
          secondLowest = min(secondLowest, value)
        }
        if value >= highest {
          (highest, secondHighest) = (value, highest)
        } else {
          secondHighest = max(secondHighest, value)
        }
      }
    }

    /// The extremes of both.
    func merged(with other: Extremes) -> Extremes {
      guard count > 0 else { return other }
      var result = self
      guard other.count > 0 else { return result }
      // Four values say all there is to say about the two outermost on either side.
      for value in [other.lowest, other.secondLowest, other.secondHighest, other.highest]
        .prefix(other.count)
      {
        result.insert(value)
      }
      return result
    }
  }

  /// Samples in a period.
  private let period: Int
  private var present = Extremes()
  private var previous = Extremes()
  /// The share of the last never-seen differences that is still taken for their echo.
  private var echo = 0.0

  /// Echoes are a hundredth of what caused them, and fade by a hundredth a sample. They only
  /// matter for a metric that has hardly moved, whose range is about 0.
  private static let echoShare = 0.01
  private static let echoDecay = 0.99

  init(period: Int) {
    self.period = period
  }

  /// Takes the next value, which was `novelty` away from everything before it.
  mutating func insert(_ value: Double, novelty: Double) {
    if present.count >= period {
      previous = present
      present = Extremes()
    }
    present.insert(value)
    echo = max(Self.echoDecay * echo, Self.echoShare * novelty)
  }

  /// A difference that is as large as what the metric does anyway.
  var typical: Double {
    let both = present.merged(with: previous)
    return max(0, both.secondHighest - both.secondLowest) + echo
  }
}
