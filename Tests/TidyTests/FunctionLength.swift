// SPDX-License-Identifier: Apache-2.0

/// Functions longer than the house allows, measured from the line of `func`, `init`, `deinit` or
/// `subscript` to the line of the closing brace.
func functionLengthFindings(_ file: SourceFile, limit: Int = 70) -> [Finding] {
  let tokens = file.text.tokens
  return tokens.indices.compactMap { index in
    guard isFunctionStart(tokens, index), let open = bodyStart(tokens, after: index) else {
      return nil
    }
    let close = closingBrace(tokens, from: open)
    let length = tokens[close].line - tokens[index].line + 1
    guard length > limit else { return nil }
    return file.finding(tokens[index].line, "function of \(length) lines; at most \(limit)")
  }
}

private func isFunctionStart(_ tokens: [SwiftText.Token], _ index: Int) -> Bool {
  guard ["func", "init", "deinit", "subscript"].contains(tokens[index].text) else { return false }
  return index == 0 || tokens[index - 1].text != "."
}

/// Words that begin the next declaration, so what came before had no body (a requirement).
private let nextDeclaration: Set<String> = [
  "func", "var", "let", "init", "deinit", "subscript", "case", "static", "mutating",
  "associatedtype", "typealias", "struct", "enum", "class", "extension", "protocol", "public",
  "package", "internal", "private", "fileprivate",
]

/// The brace that opens the body, or nil when the declaration has none.
private func bodyStart(_ tokens: [SwiftText.Token], after start: Int) -> Int? {
  var depth = 0
  for index in (start + 1)..<max(start + 1, tokens.count) {
    switch tokens[index].text {
    case "(", "[": depth += 1
    case ")", "]":
      depth -= 1
      if depth < 0 { return nil }
    case "{" where depth == 0: return index
    case "}" where depth == 0: return nil
    case let word where depth == 0 && nextDeclaration.contains(word): return nil
    default: break
    }
  }
  return nil
}

/// The brace that closes the one at `open`; the last token when none does.
func closingBrace(_ tokens: [SwiftText.Token], from open: Int) -> Int {
  var depth = 0
  for index in open..<tokens.count {
    if tokens[index].text == "{" { depth += 1 }
    if tokens[index].text == "}" {
      depth -= 1
      if depth == 0 { return index }
    }
  }
  return tokens.count - 1
}
