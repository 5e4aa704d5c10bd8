// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Synchronization

/// Ends the process cleanly on SIGINT and SIGTERM: partial files go away, the exit status says why.
///
/// Keep one alive for as long as files are being written (`withExtendedLifetime`; a variable alone
/// lives only until its last use). The signal handler only writes the
/// signal's number into a pipe; a dispatch queue reads it, so that a busy main thread delays
/// nothing and the work is not done where almost nothing is allowed. (A dispatch signal source
/// would miss signals on Linux: the main thread does not block them, and the kernel drops a signal
/// that is ignored there.)
public final class Interruption: Sendable {
  private let partialFiles = Mutex<[String]>([])
  private let cleanUp: @Sendable () -> Void
  // Only kept alive and cancelled; dispatch sources are thread-safe but predate Sendable.
  nonisolated(unsafe) private let source: (any DispatchSourceRead)?

  /// The pipe from the signal handler, which can reach nothing but globals.
  private static let pipe: (read: Int32, write: Int32) = {
    var ends: [Int32] = [-1, -1]
    // Without a pipe there is no clean-up, but the default action still ends the process.
    return Foundation.pipe(&ends) == 0 ? (ends[0], ends[1]) : (-1, -1)
  }()

  /// Starts listening.
  ///
  /// - Parameter cleanUp: What else is to be done before the process ends; on a thread of its own.
  public init(cleanUp: @escaping @Sendable () -> Void = {}) {
    self.cleanUp = cleanUp
    let descriptor = Self.pipe.read
    guard descriptor >= 0 else {
      source = nil
      return
    }
    let source = DispatchSource.makeReadSource(
      fileDescriptor: descriptor, queue: DispatchQueue(label: "interruption"))
    self.source = source
    source.setEventHandler { [weak self] in
      var number: UInt8 = 0
      if read(descriptor, &number, 1) == 1 { self?.end(by: Int32(number)) }
    }
    source.activate()
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(Interruption.pipe.write, &byte, 1)
      }
    }
  }

  /// The signals get their default action back.
  deinit {
    signal(SIGINT, SIG_DFL)
    signal(SIGTERM, SIG_DFL)
    source?.cancel()
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
    cleanUp()
    partialFiles.withLock { files in
      for path in files { unlink(path) }
      let removed = files.isEmpty ? "" : "; removed \(files.joined(separator: ", "))"
      try? FileHandle.standardError.write(contentsOf: Data("\ninterrupted\(removed)\n".utf8))
      // No exit handlers: libraries would try to finish the files that were just removed.
      _exit(128 + number)
    }
  }
}
