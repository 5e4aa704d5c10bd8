// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A sequence of tokens that must not appear, and why.
struct BannedCall {
  /// Adjacent tokens: `["Date", "(", ")"]`.
  var tokens: [String]
  var reason: String

  init(_ text: String, _ reason: String) {
    tokens = SwiftText(text).tokens.map(\.text)
    self.reason = reason
  }
}

/// Time and surroundings must come in as arguments: results depend on inputs and the seed alone.
let clocksAndSurroundings: [BannedCall] = [
  "Date()", "Date.now", "ContinuousClock", "SuspendingClock", "clock_gettime", "gettimeofday",
  "DispatchTime", "time(nil)", "CFAbsoluteTimeGetCurrent", "mach_absolute_time", "Task.sleep",
  "ProcessInfo", "getenv", "setenv", "gethostname",
].map { BannedCall($0, "clock or environment below Experiments") }

/// Randomness comes from `RandomStream` alone: the standard library's has no fixed algorithm.
let foreignRandomness: [BannedCall] = [
  "SystemRandomNumberGenerator", ".random(", ".shuffled()", ".shuffle()", ".randomElement()",
  "drand48", "arc4random", "rand()", "random()", "UUID()",
].map { BannedCall($0, "randomness that is not a RandomStream") }

/// Input must never be able to stop the program. A C library that breaks its word may; the line
/// then says so: `// contract: …`.
let trappingCalls: [BannedCall] = [
  "try!", "as!", "fatalError(", "unsafelyUnwrapped",
].map { BannedCall($0, "traps; throw a typed error") }

/// Banned calls of a file, without those that a comment `// marker: reason` excuses.
func bannedCallFindings(_ file: SourceFile, _ banned: [BannedCall], unless marker: String? = nil)
  -> [Finding]
{
  let tokens = file.text.tokens
  return tokens.indices.compactMap { index in
    let hit = banned.first { call in
      index + call.tokens.count <= tokens.count
        && call.tokens.indices.allSatisfy { tokens[index + $0].text == call.tokens[$0] }
        && !(call.tokens[0] != "." && index > 0 && ["func", "."].contains(tokens[index - 1].text))
    }
    let isExcused = marker.map { file.text.hasReason($0, at: tokens[index].line) } ?? false
    return isExcused
      ? nil
      : hit.map {
        file.finding(tokens[index].line, "\($0.tokens.joined()): \($0.reason)")
      }
  }
}

/// `value!`, and properties that are unwrapped on every use (`: Type!`).
func forceUnwrapFindings(_ file: SourceFile) -> [Finding] {
  let postfix = #/[A-Za-z0-9_)\]>?]!(?![=A-Za-z(])/#
  let code = file.text.codeLines
  return code.indices.compactMap { index in
    guard code[index].contains("!"), code[index].contains(postfix) else { return nil }
    return file.finding(index + 1, "force unwrap; throw a typed error")
  }
}

/// What every Swift file must have and must not exceed.
///
/// The formatter keeps code to 100 columns and breaks no prose: lines with a comment or a string
/// may be a little longer, and lines inside a multi-line string are as long as what they show.
func layoutFindings(
  _ file: SourceFile, maximumLines: Int = 500, codeColumns: Int = 100, proseColumns: Int = 120
) -> [Finding] {
  var findings: [Finding] = []
  let lines = file.text.lines
  if lines.first != "// SPDX-License-Identifier: Apache-2.0" {
    findings.append(file.finding(1, "the first line is not the SPDX line"))
  }
  let count = lines.last == "" ? lines.count - 1 : lines.count
  if count > maximumLines {
    findings.append(file.finding(count, "\(count) lines; at most \(maximumLines)"))
  }
  for index in lines.indices where lines[index].utf8.count > codeColumns {
    let code = file.text.codeLines[index]
    let isShown =
      code.allSatisfy { $0 == " " }
      && file.text.linesWithoutComments[index].contains { $0 != " " }
    let isProse = code != lines[index]
    let limit = isProse ? proseColumns : codeColumns
    if !isShown, lines[index].count > limit {
      findings.append(file.finding(index + 1, "\(lines[index].count) columns; at most \(limit)"))
    }
  }
  return findings
}

/// Comments that mark work left undone.
func unfinishedFindings(_ file: SourceFile) -> [Finding] {
  file.text.comments.compactMap { comment in
    guard comment.text.contains(#/\b(TODO|FIXME|XXX|HACK)\b/#) else { return nil }
    return file.finding(comment.line, "unfinished work belongs in an issue")
  }
}

/// Paths that exist on one machine only.
func machinePathFindings(path: String, contents: String) -> [Finding] {
  // Put together here so that this file does not hold them.
  let roots = ["work", "root", "home", "opt", "tmp", "Users"].map { "/\($0)/" }
  return contents.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    .compactMap { index, line in
      guard let hit = roots.first(where: { beginsPath($0, in: line) }) else { return nil }
      return Finding(path: path, line: index + 1, message: "a path of one machine: \(hit)")
    }
}

/// Whether `root` begins a path in `line`: what stands before is not part of a longer path or URL.
private func beginsPath(_ root: String, in line: Substring) -> Bool {
  line.ranges(of: root).contains { range in
    guard range.lowerBound > line.startIndex else { return true }
    let before = line[line.index(before: range.lowerBound)]
    return !(before.isLetter || before.isNumber || "_-./)}*".contains(before))
  }
}
