// SPDX-License-Identifier: Apache-2.0
public import Units

/// How often a run is saved.
public enum CheckpointInterval: Sendable, Hashable {
  /// At multiples of a simulated time.
  case time(SimTime)
  /// After so many events.
  case events(Int)

  /// Reads `6 h` (simulated time) or `200000` (events); nil when it is neither, or not above zero.
  public init?(_ text: String) {
    if let count = Int(text) {
      guard count > 0 else { return nil }
      self = .events(count)
    } else {
      guard let seconds = try? parseQuantity(text, as: .time),
        (1e-3...1e9).contains(seconds)
      else { return nil }
      self = .time(.seconds(seconds))
    }
  }
}
