// SPDX-License-Identifier: Apache-2.0

/// A Swift file taken apart just far enough to be judged: code without comments and without the
/// contents of string literals, its tokens, and its comments.
///
/// Interpolated code stays code. Bare regular-expression literals (`/…/`) are not recognised.
struct SwiftText {
  /// A word or a single punctuation character.
  struct Token: Equatable {
    var text: String
    /// Counted from 1.
    var line: Int
  }
  struct Comment: Equatable {
    var text: String
    /// Line of its first character, counted from 1.
    var line: Int
  }

  /// Every line as it stands.
  let lines: [Substring]
  /// The lines with comments blanked out and everything else left.
  let linesWithoutComments: [Substring]
  /// The lines with comments and the contents of string literals blanked out.
  let codeLines: [Substring]
  let tokens: [Token]
  let comments: [Comment]

  init(_ text: String) {
    var scanner = Scanner(Array(text.utf8))
    scanner.scanCode(insideInterpolation: false)
    func split(_ text: String) -> [Substring] {
      text.split(separator: "\n", omittingEmptySubsequences: false)
    }
    lines = split(text)
    linesWithoutComments = split(String(decoding: scanner.uncommented, as: UTF8.self))
    codeLines = split(String(decoding: scanner.code, as: UTF8.self))
    comments = scanner.comments
    tokens = Self.tokenize(scanner.code)
  }

  /// Whether a comment on that line, or on the line before, gives a reason after `marker`.
  func hasReason(_ marker: String, at line: Int) -> Bool {
    comments.contains { comment in
      guard comment.line == line || comment.line == line - 1,
        let range = comment.text.firstRange(of: marker + ":")
      else { return false }
      let reason = comment.text[range.upperBound...].filter { !$0.isWhitespace }
      return reason.count >= 8
    }
  }

  private static func tokenize(_ code: [UInt8]) -> [Token] {
    var tokens: [Token] = []
    var line = 1
    var word: [UInt8] = []
    func isWordByte(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
        true
      default: false
      }
    }
    func endWord() {
      guard !word.isEmpty else { return }
      tokens.append(Token(text: String(decoding: word, as: UTF8.self), line: line))
      word.removeAll(keepingCapacity: true)
    }
    for byte in code {
      if isWordByte(byte) {
        word.append(byte)
        continue
      }
      endWord()
      if byte == UInt8(ascii: "\n") {
        line += 1
      } else if byte != UInt8(ascii: " ") && byte != UInt8(ascii: "\t") {
        tokens.append(Token(text: String(UnicodeScalar(byte)), line: line))
      }
    }
    endWord()
    return tokens
  }
}

/// Walks over the bytes once; recursive where strings hold code that holds strings.
private struct Scanner {
  private let input: [UInt8]
  private var position = 0
  private var line = 1
  /// The input with comments and string contents blanked.
  private(set) var code: [UInt8] = []
  /// The input with comments blanked.
  private(set) var uncommented: [UInt8] = []
  private(set) var comments: [SwiftText.Comment] = []

  init(_ input: [UInt8]) { self.input = input }

  private func starts(with text: StaticString, after offset: Int = 0) -> Bool {
    let start = position + offset
    guard start + text.utf8CodeUnitCount <= input.count else { return false }
    for index in 0..<text.utf8CodeUnitCount
    where input[start + index] != text.utf8Start[index] { return false }
    return true
  }

  private enum Kept { case everywhere, outsideComments, nowhere }

  private mutating func take(_ kept: Kept) {
    let byte = input[position]
    position += 1
    if byte == UInt8(ascii: "\n") {
      line += 1
      code.append(byte)
      uncommented.append(byte)
    } else {
      code.append(kept == .everywhere ? byte : UInt8(ascii: " "))
      uncommented.append(kept == .nowhere ? UInt8(ascii: " ") : byte)
    }
  }

  /// Scans up to the end, or up to the parenthesis that closes an interpolation.
  mutating func scanCode(insideInterpolation: Bool) {
    var depth = 0
    while position < input.count {
      if starts(with: "//") {
        scanComment { $0.starts(with: "\n") }
      } else if starts(with: "/*") {
        scanBlockComment()
      } else if let hashes = hashesBeforeLiteral() {
        for _ in 0..<hashes { take(.outsideComments) }
        scanLiteral(hashes: hashes)
      } else {
        if input[position] == UInt8(ascii: "(") { depth += 1 }
        if input[position] == UInt8(ascii: ")") {
          depth -= 1
          if insideInterpolation && depth < 0 { return }
        }
        take(.everywhere)
      }
    }
  }

  /// The number of `#` before the `"` (or, with at least one, the `/`) that starts here.
  private func hashesBeforeLiteral() -> Int? {
    var count = 0
    while position + count < input.count, input[position + count] == UInt8(ascii: "#") {
      count += 1
    }
    if starts(with: "\"", after: count) { return count }
    return count > 0 && starts(with: "/", after: count) ? count : nil
  }

  private mutating func scanComment(until isEnd: (Scanner) -> Bool) {
    let (start, firstLine) = (position, line)
    while position < input.count, !isEnd(self) { take(.nowhere) }
    let text = String(decoding: input[start..<position], as: UTF8.self)
    comments.append(SwiftText.Comment(text: text, line: firstLine))
  }

  private mutating func scanBlockComment() {
    let (start, firstLine) = (position, line)
    var depth = 0
    repeat {
      if starts(with: "/*") {
        depth += 1
        take(.nowhere)
      } else if starts(with: "*/") {
        depth -= 1
        take(.nowhere)
      }
      if position < input.count { take(.nowhere) }
    } while depth > 0 && position < input.count
    let text = String(decoding: input[start..<position], as: UTF8.self)
    comments.append(SwiftText.Comment(text: text, line: firstLine))
  }

  /// Scans a string (or an extended regular expression) whose hashes have been taken.
  private mutating func scanLiteral(hashes: Int) {
    let isRegex = starts(with: "/")
    let isMultiline = starts(with: "\"\"\"")
    let quote: StaticString = isRegex ? "/" : isMultiline ? "\"\"\"" : "\""
    func isHashes(at offset: Int) -> Bool {
      (0..<hashes).allSatisfy {
        position + offset + $0 < input.count
          && input[position + offset + $0] == UInt8(ascii: "#")
      }
    }
    for _ in 0..<quote.utf8CodeUnitCount { take(.everywhere) }
    while position < input.count {
      if starts(with: quote), isHashes(at: quote.utf8CodeUnitCount) {
        for _ in 0..<(quote.utf8CodeUnitCount + hashes) { take(.everywhere) }
        return
      }
      if !isMultiline && !isRegex && starts(with: "\n") { return }
      guard starts(with: "\\"), isHashes(at: 1), !isRegex else {
        take(.outsideComments)
        continue
      }
      for _ in 0..<(1 + hashes) { take(.outsideComments) }
      guard position < input.count else { return }
      if starts(with: "(") {
        take(.everywhere)
        scanCode(insideInterpolation: true)
      }
      if position < input.count { take(starts(with: ")") ? .everywhere : .outsideComments) }
    }
  }
}
