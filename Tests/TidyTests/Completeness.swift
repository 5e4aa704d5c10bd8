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
  var path: String
  var line: Int
}

/// The names registered by `Alternative("name"` in a file.
func registrations(in file: SourceFile) -> [Registration] {
  file.text.linesWithoutComments.enumerated().flatMap { index, line in
    line.matches(of: #/\bAlternative\(\s*"([^"\\]+)"/#).map {
      Registration(name: String($0.1), path: file.path, line: index + 1)
    }
  }
}

/// Registered models that no page describes or that nothing exercises.
///
/// Described: its name stands in code voice on some page (`name`, or as the key of an example).
/// Exercised: a test names it in quotes, or a scenario has it as a word of its own.
func unprovenModelFindings(
  _ registrations: [Registration], pages: [String], tests: [String], scenarios: [String]
) -> [Finding] {
  registrations.flatMap { model in
    var findings: [Finding] = []
    func note(_ message: String) {
      findings.append(Finding(path: model.path, line: model.line, message: message))
    }
    if !pages.contains(where: { $0.contains("`\(model.name)`") }) {
      note("model \"\(model.name)\" is on no page")
    }
    let isTested =
      tests.contains { $0.contains("\"\(model.name)\"") || hasWord(model.name, in: $0) }
      || scenarios.contains { hasWord(model.name, in: $0) }
    if !isTested { note("model \"\(model.name)\" is in no test and no scenario") }
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
