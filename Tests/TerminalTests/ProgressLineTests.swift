// SPDX-License-Identifier: Apache-2.0
import Foundation
import Terminal
import Testing

@Suite("Progress")
struct ProgressLineTests {
  @Test("without a terminal: one line for every tenth, nothing in between")
  func lines() {
    var progress = ProgressLine(total: 40, noun: "runs", terminal: Terminal(isInteractive: false))
    var text = ""
    for done in 0...40 { text += progress.text(done: done, elapsed: .seconds(done)) }
    #expect(text.split(separator: "\n").count == 10)
    #expect(
      text.hasPrefix("10 %  4/40 runs  4.0 s\n20 %  8/40 runs  8.0 s\n30 %  12/40 runs  12 s\n"))
    #expect(text.hasSuffix("100 %  40/40 runs  40 s\n"))
  }

  @Test("on a terminal: one line that is overwritten and says how long it will take")
  func bar() {
    let terminal = Terminal(isInteractive: true, width: 80)
    var progress = ProgressLine(total: 10, noun: "runs", terminal: terminal)
    let bar = String(repeating: "━", count: 9) + String(repeating: "╌", count: 21)
    #expect(
      progress.text(done: 3, elapsed: .seconds(3))
        == "\r\u{1B}[K\(bar)  3/10 runs  3.0 s, 7.0 s left")
    let full = String(repeating: "━", count: 30)
    #expect(
      progress.text(done: 10, elapsed: .seconds(600)) == "\r\u{1B}[K\(full)  10/10 runs  10 min\n")
  }

  @Test("no line is wider than the terminal")
  func narrow() {
    var progress = ProgressLine(
      total: 10, noun: "runs", terminal: Terminal(isInteractive: true, width: 20))
    #expect(progress.text(done: 5, elapsed: .seconds(1)) == "\r\u{1B}[K5/10 runs")
  }
}

@Suite("Terminal")
struct TerminalTests {
  @Test(
    "styles only where they are wanted",
    arguments: [
      (Terminal.ColorMode.always, [:], true), (.always, ["NO_COLOR": "1"], true),
      (.never, [:], false), (.auto, [:], false),
    ])
  func styles(mode: Terminal.ColorMode, environment: [String: String], isStyled: Bool) throws {
    // A pipe is never a terminal.
    let pipe = Pipe()
    let descriptor = pipe.fileHandleForWriting.fileDescriptor
    let terminal = Terminal(descriptor: descriptor, color: mode, environment: environment)
    #expect(terminal.isStyled == isStyled)
    #expect(!terminal.isInteractive)
    #expect(terminal.styled("x", .bold) == (isStyled ? "\u{1B}[1mx\u{1B}[0m" : "x"))
  }
}
