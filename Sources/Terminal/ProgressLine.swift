// SPDX-License-Identifier: Apache-2.0

/// Says how far a long command has come: a bar with the time left on a terminal, a line for every
/// tenth elsewhere.
///
/// It only makes texts; the caller writes them to standard error and tells the time.
public struct ProgressLine: Sendable {
  private let terminal: Terminal
  private let total: Int
  private let noun: String
  private var tenthsSaid = 0
  private static let barWidth = 30

  /// Progress of `total` pieces of work, called `noun` ("runs").
  public init(total: Int, noun: String, terminal: Terminal) {
    self.total = max(total, 1)
    self.noun = noun
    self.terminal = terminal
  }

  /// The text to write now; empty when there is nothing new to say.
  ///
  /// On a terminal it overwrites the line that was written before, and ends it when all is done.
  ///
  /// - Parameters:
  ///   - done: pieces finished.
  ///   - elapsed: time since the beginning.
  /// - Returns: text for standard error.
  public mutating func text(done: Int, elapsed: Duration) -> String {
    let done = min(max(done, 0), total)
    let count = "\(done)/\(total) \(noun)"
    let seconds = elapsed / .seconds(1)
    guard terminal.isInteractive else {
      let tenths = done * 10 / total
      guard tenths > tenthsSaid else { return "" }
      tenthsSaid = tenths
      return "\(tenths * 10) %  \(count)  \(Self.time(seconds))\n"
    }
    let filled = Self.barWidth * done / total
    let bar =
      String(repeating: "━", count: filled)
      + terminal.styled(String(repeating: "╌", count: Self.barWidth - filled), .dim)
    var left = ""
    if done > 0, done < total {
      left = ", \(Self.time(seconds * Double(total - done) / Double(done))) left"
    }
    let status = "  \(count)  \(Self.time(seconds))\(left)"
    // A line that is wider than the terminal cannot be overwritten.
    let line = Self.barWidth + status.count < terminal.width ? bar + status : count
    return "\r\u{1B}[K" + line + (done == total ? "\n" : "")
  }

  /// A length of time with two to three digits: `2.4 s`, `75 s`, `12 min`.
  private static func time(_ seconds: Double) -> String {
    if seconds < 10 { return "\((seconds * 10).rounded() / 10) s" }
    if seconds < 120 { return "\(Int(seconds.rounded())) s" }
    return "\(Int((seconds / 60).rounded())) min"
  }
}
