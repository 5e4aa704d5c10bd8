// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization
import Terminal

/// Writes progress to standard error.
final class ProgressReport: Sendable {
  private let line: Mutex<ProgressLine>
  private let start = ContinuousClock.now

  init(total: Int, noun: String) {
    let terminal = Terminal(descriptor: 2, environment: ProcessInfo.processInfo.environment)
    line = Mutex(ProgressLine(total: total, noun: noun, terminal: terminal))
  }

  func report(done: Int) {
    let elapsed = ContinuousClock.now - start
    let text = line.withLock { $0.text(done: done, elapsed: elapsed) }
    if !text.isEmpty { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
  }
}
