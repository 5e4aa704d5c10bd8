// SPDX-License-Identifier: Apache-2.0

/// The future steps that a question is about, counted from the last observed value.
///
/// Step 1 is the value after the last observed one: with `y[0..<t]` known, step `h` is `y[t+h-1]`.
public struct TargetWindow: Sendable, Hashable, Codable {
  /// First step of the window, ≥ 1.
  public let first: Int
  /// Last step of the window, ≥ `first`.
  public let last: Int

  /// Exactly step `horizon`: for overload, P(y[t+h-1] > capacity).
  ///
  /// - Precondition: `horizon >= 1`.
  public static func at(_ horizon: Int) -> TargetWindow {
    TargetWindow(first: horizon, last: horizon)
  }

  /// Any of the next `horizon` steps: for overload, P(max(y[t], …, y[t+h-1]) > capacity).
  ///
  /// - Precondition: `horizon >= 1`.
  public static func within(_ horizon: Int) -> TargetWindow {
    TargetWindow(first: 1, last: horizon)
  }

  private init(first: Int, last: Int) {
    precondition(first >= 1 && last >= first, "steps \(first)…\(last) are not in the future")
    self.first = first
    self.last = last
  }

  /// How the window is named in a model file: `at-12` or `within-12`.
  ///
  /// Step 1 alone is both; it is called `at-1`.
  public var name: String { first == last ? "at-\(last)" : "within-\(last)" }

  /// The window of a ``name``, or nil.
  public init?(name: String) {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let last = Int(parts[1]), last >= 1 else { return nil }
    switch parts[0] {
    case "at": self = .at(last)
    case "within": self = .within(last)
    default: return nil
    }
  }
}
