// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What an output stream can show: whether a person watches it, how wide it is, and colours.
public struct Terminal: Sendable, Equatable {
  /// When to use colours.
  public enum ColorMode: String, Sendable, CaseIterable {
    /// On a terminal, unless `NO_COLOR` is set or the terminal is `dumb`.
    case auto
    /// Also into files and pipes.
    case always
    /// Nowhere.
    case never
  }

  /// Whether the stream is a terminal.
  public var isInteractive: Bool
  /// Columns; 80 where nobody says.
  public var width: Int
  /// Whether ANSI styles are understood and wanted.
  public var isStyled: Bool

  /// A terminal as described.
  public init(isInteractive: Bool, width: Int = 80, isStyled: Bool = false) {
    self.isInteractive = isInteractive
    self.width = width
    self.isStyled = isStyled
  }

  /// The terminal behind a file descriptor.
  ///
  /// - Parameters:
  ///   - descriptor: 1 for standard output, 2 for standard error.
  ///   - color: when to use colours.
  ///   - environment: `NO_COLOR` (any text but an empty one) and `TERM` are looked at.
  public init(descriptor: Int32, color: ColorMode = .auto, environment: [String: String]) {
    isInteractive = isatty(descriptor) == 1
    var size = winsize()
    let isSized = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    width = isSized ? Int(size.ws_col) : 80
    switch color {
    case .always: isStyled = true
    case .never: isStyled = false
    case .auto:
      isStyled =
        isInteractive && environment["NO_COLOR"] ?? "" == "" && environment["TERM"] != "dumb"
    }
  }

  /// A way to set text apart.
  public enum Style: Int, Sendable {
    case bold = 1, dim = 2, red = 31, green = 32, yellow = 33
  }

  /// `text` in a style, or as it is where styles are not shown.
  public func styled(_ text: String, _ style: Style) -> String {
    isStyled ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}
