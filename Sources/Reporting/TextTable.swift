// SPDX-License-Identifier: Apache-2.0

/// Rows of cells with aligned columns, for a terminal or a Markdown page.
struct TextTable {
  var titles: [String]
  var rows: [[String]] = []

  /// One line a row, two spaces between columns, nothing at the end of a line.
  var lines: [String] {
    let all = [titles] + rows
    let widths = titles.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      let text = " " + zip(row, widths).map { $0.padded(to: $1 + 2) }.joined()
      return String(text.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// A Markdown table; the first column is aligned left.
  var markdown: [String] {
    let rule = ["---"] + titles.dropFirst().map { _ in "--:" }
    return ([titles, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
  }

  /// An HTML table that scrolls sideways where it is too wide.
  var html: String {
    let head = titles.map { "<th>\(htmlEscaped($0))</th>" }.joined()
    let body = rows.map { row in
      "<tr>" + row.map { "<td>\(htmlEscaped($0))</td>" }.joined() + "</tr>"
    }
    return """
      <div class="wide"><table><thead><tr>\(head)</tr></thead>\
      <tbody>\(body.joined(separator: "\n"))</tbody></table></div>
      """
  }
}
