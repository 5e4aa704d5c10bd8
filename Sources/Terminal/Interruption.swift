// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Synchronization

/// Ends the process cleanly on SIGINT and SIGTERM: partial files go away, the exit status says why.
///
/// Keep one alive for as long as files are being written. The handler runs on a thread of its own,
/// so a busy main thread does not delay it, and it may do what a signal handler must not.
public final class Interruption: Sendable {
  private let partialFiles = Mutex<[String]>([])
  // DispatchSource is thread-safe; its protocol predates Sendable.
  nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

  /// Starts listening; the signals lose their default action for the rest of the process.
  public init() {
    let queue = DispatchQueue(label: "interruption")
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { [weak self] in self?.end(by: number) }
      source.activate()
      sources.append(source)
    }
  }

  /// Removes the file if the process is interrupted before ``release(_:)``.
  public func protect(_ path: String) {
    partialFiles.withLock { $0.append(path) }
  }

  /// The file is complete, or gone.
  public func release(_ path: String) {
    partialFiles.withLock { files in files.removeAll { $0 == path } }
  }

  /// Removes what is not finished and ends the process with 128 + the signal's number.
  private func end(by number: Int32) {
    partialFiles.withLock { files in
      for path in files { unlink(path) }
      let message = "\ninterrupted; removed \(files.count) unfinished files\n"
      FileHandle.standardError.write(Data(message.utf8))
      // No exit handlers: libraries would try to finish the files that were just removed.
      _exit(128 + number)
    }
  }
}
