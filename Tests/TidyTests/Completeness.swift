// SPDX-License-Identifier: Apache-2.0

/// What every module must have besides code: a DocC page and tests.
func missingCompanionFindings(module: String, exists: (String) -> Bool, paths: [String])
  -> [Finding]
{
  var findings: [Finding] = []
  let page = "Sources/\(module)/\(module).docc/\(module).md"
  if !exists(page) {
    findings.append(Finding(path: page, line: 1, message: "\(module) has no DocC page"))
  }
  let tests = "Tests/\(module)Tests/"
  if !paths.contains(where: { $0.hasPrefix(tests) && $0.hasSuffix(".swift") }) {
    findings.append(Finding(path: tests, line: 1, message: "\(module) has no tests"))
  }
  return findings
}

/// A model that scenario files can name, and where it is registered.
struct Registration: Hashable {
  var name: String
  /// The sentence that `foreshadow schema` and `foreshadow models` print.
  var about: String
  var path: String
  var line: Int
  /// Whether some key of the same file takes it when the scenario says nothing.
  var isDefault: Bool
}

/// The models registered by `Alternative("name", about: "…"` in a file.
func registrations(in file: SourceFile) -> [Registration] {
  let text = file.text.linesWithoutComments.joined(separator: "\n")
  let registration =
    #/
    \bAlternative (?: <[^>]*> )? \( \s* "([^"\\]+)" , \s* about: \s* "([^"]*)"
    /#
  return text.matches(of: registration).map { match in
    Registration(
      name: String(match.1), about: String(match.2), path: file.path,
      line: text[..<match.range.lowerBound].count { $0 == "\n" } + 1,
      isDefault: text.contains("default: \"\(match.1)\""))
  }
}

/// Registered models that say nothing about themselves, or that nothing exercises: no test names
/// them in quotes, no scenario or example has them as a word, and they are no key's default.
func unprovenModelFindings(_ models: [Registration], tests: [String], scenarios: [String])
  -> [Finding]
{
  models.flatMap { model in
    var findings: [Finding] = []
    func note(_ message: String) {
      findings.append(Finding(path: model.path, line: model.line, message: message))
    }
    if model.about.count < 6 { note("model \"\(model.name)\" is not described") }
    let isExercised =
      model.isDefault || tests.contains { $0.contains("\"\(model.name)\"") }
      || (tests + scenarios).contains { hasWord(model.name, in: $0) }
    if !isExercised { note("model \"\(model.name)\" is in no test and no scenario") }
    return findings
  }
}

/// Whether `word` stands in `text` with no letter, digit, `_` or `-` on either side.
private func hasWord(_ word: String, in text: String) -> Bool {
  func isPart(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "_-".contains(character)
  }
  return text.ranges(of: word).contains { range in
    let isStart =
      range.lowerBound == text.startIndex || !isPart(text[text.index(before: range.lowerBound)])
    let isEnd = range.upperBound == text.endIndex || !isPart(text[range.upperBound])
    return isStart && isEnd
  }
}
