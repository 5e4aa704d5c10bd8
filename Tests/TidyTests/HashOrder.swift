// SPDX-License-Identifier: Apache-2.0

/// Iterations over a Dictionary or a Set: their order changes from process to process, so it must
/// never reach a result.
///
/// A scanner without types can only go by names. A name counts as hashed where its nearest
/// declaration before the use (or, failing that, any in the file) says so: `: [K: V]`,
/// `: Dictionary<`, `: Set<`, `= [:]`, `= [K: V]()`, `= Set(`, `= Dictionary(`, a dictionary
/// literal, or a parameter of such a type. Seen are `for … in name`, `name.keys`, `name.values`,
/// `Array(name)`, `zip(name`, and the methods in ``orderedMethods``, on such names and on `Set(…)`
/// itself. A statement that sorts is left alone. Not seen: hashed values that come out of a
/// function, or stored properties of a type in another file.
///
/// Where the order truly cannot matter, a comment on the line or the line above says why:
/// `// order-free: only the maximum is taken`.
func hashOrderFindings(_ file: SourceFile) -> [Finding] {
  HashOrderScanner(file: file).findings()
}

/// Methods that hand out elements in the collection's own order.
private let orderedMethods: Set<String> = [
  "map", "forEach", "compactMap", "flatMap", "reduce", "first", "joined", "enumerated", "prefix",
  "suffix", "dropFirst", "dropLast", "popFirst", "removeFirst", "lazy", "makeIterator",
  "elementsEqual", "randomElement", "shuffled", "reversed",
]

private struct HashOrderScanner {
  let file: SourceFile
  private let tokens: [SwiftText.Token]
  /// Declarations in the order of the file.
  private var declarations: [(name: String, at: Int, isHashed: Bool)] = []

  init(file: SourceFile) {
    self.file = file
    tokens = file.text.tokens
    for index in tokens.indices { recordDeclaration(at: index) }
  }

  private func text(_ index: Int) -> String {
    tokens.indices.contains(index) ? tokens[index].text : ""
  }

  // MARK: Declarations

  private mutating func recordDeclaration(at index: Int) {
    switch text(index) {
    case "var", "let":
      let name = text(index + 1)
      if text(index + 2) == ":" {
        let type = index + 3
        let isHashed = isHashedType(type) || (text(type) == "inout" && isHashedType(type + 1))
        declarations.append((name, index, isHashed))
      } else if text(index + 2) == "=" {
        declarations.append((name, index, isHashedValue(index + 3)))
      }
    case "func", "init": recordParameters(after: index)
    case "for": declarations.append((text(index + 1), index, false))
    default: break
    }
  }

  private mutating func recordParameters(after start: Int) {
    guard let open = (start..<min(start + 40, tokens.count)).first(where: { text($0) == "(" })
    else { return }
    var depth = 0
    for index in open..<tokens.count {
      if text(index) == "(" { depth += 1 }
      if text(index) == ")" { depth -= 1 }
      if depth == 0 { return }
      guard depth == 1, text(index) == ":" else { continue }
      let type = text(index + 1) == "inout" ? index + 2 : index + 1
      declarations.append((text(index - 1), index, isHashedType(type)))
    }
  }

  private func isHashedType(_ index: Int) -> Bool {
    switch text(index) {
    case "Set", "Dictionary": text(index + 1) == "<"
    case "[": hasColon(inBracketsAt: index)
    default: false
    }
  }

  private func isHashedValue(_ index: Int) -> Bool {
    switch text(index) {
    case "Set", "Dictionary":
      ["<", "("].contains(text(index + 1))
        && !isSorted(statementFrom: index)
    case "[": hasColon(inBracketsAt: index)
    default: false
    }
  }

  /// Whether brackets hold `key: value` (or `:` alone) rather than elements.
  private func hasColon(inBracketsAt open: Int) -> Bool {
    var depth = 0
    var ternaries = 0
    for index in open..<tokens.count {
      switch text(index) {
      case "[", "(", "{": depth += 1
      case "]", ")", "}":
        depth -= 1
        if depth == 0 { return false }
      case "?" where depth == 1: ternaries += 1
      case ":" where depth == 1:
        if ternaries == 0 { return true }
        ternaries -= 1
      default: break
      }
    }
    return false
  }

  private func isHashed(_ name: String, at use: Int) -> Bool {
    let own = declarations.filter { $0.name == name }
    return (own.last { $0.at < use } ?? own.first)?.isHashed ?? false
  }

  // MARK: Uses

  func findings() -> [Finding] {
    var lines: [Int] = []
    for index in tokens.indices where isUse(at: index) {
      let line = tokens[index].line
      guard lines.last != line, !isSorted(statementFrom: index),
        !file.text.hasReason("order-free", at: line)
      else { continue }
      lines.append(line)
    }
    return lines.map { file.finding($0, "iterates a Dictionary or Set in its random order") }
  }

  private func isUse(at index: Int) -> Bool {
    if text(index) == "Set", ["(", "<"].contains(text(index + 1)), text(index - 1) != "." {
      return isIterated(from: index, end: endOfCall(index))
    }
    guard isHashed(text(index), at: index), !["var", "let", "for"].contains(text(index - 1)) else {
      return false
    }
    var end = index + 1
    if text(end) == ".", ["keys", "values"].contains(text(end + 1)) { end += 2 }
    return isIterated(from: index, end: end)
  }

  /// Whether the expression from `start` up to `end` is iterated by what stands around it.
  private func isIterated(from start: Int, end: Int) -> Bool {
    if text(end) == "." { return orderedMethods.contains(text(end + 1)) }
    var before = start - 1
    while text(before) == "." || (text(before + 1) == "." && before >= 0) { before -= 1 }
    if text(before) == "in" { return ["{", "where"].contains(text(end)) }
    guard text(before) == "(" else { return false }
    return ["Array", "ContiguousArray", "zip"].contains(text(before - 1))
      && [")", ","].contains(text(end))
  }

  /// The token after a call or initialiser that begins at `index`.
  private func endOfCall(_ index: Int) -> Int {
    var end = index + 1
    if text(end) == "<" {
      while end < tokens.count, text(end) != ">" { end += 1 }
      end += 1
    }
    guard text(end) == "(" else { return end }
    var depth = 0
    while end < tokens.count {
      if text(end) == "(" { depth += 1 }
      if text(end) == ")" { depth -= 1 }
      end += 1
      if depth == 0 { return end }
    }
    return end
  }

  /// Whether the statement that goes on from `index` sorts: up to the first line that does not
  /// begin with a dot.
  private func isSorted(statementFrom index: Int) -> Bool {
    var line = tokens[index].line
    for next in index..<tokens.count {
      if tokens[next].line > line {
        guard text(next) == "." else { return false }
        line = tokens[next].line
      }
      if text(next) == "sorted" { return true }
    }
    return false
  }
}
