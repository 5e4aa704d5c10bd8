// SPDX-License-Identifier: Apache-2.0
import CHDF5
import Synchronization

/// The only way into libhdf5: one call at a time, failures turned into ``HDF5Error``.
///
/// Debian builds the library thread-safe by one global lock; other builds have no lock at all and
/// keep one error stack for the process. Taking our own lock around every single call makes both
/// kinds safe and costs nothing that the library's lock does not cost anyway. The lock is never
/// held across two calls, so handles may be closed from anywhere.
enum Library {
  private static let lock = Mutex<Void>(())

  /// Makes one call; a negative status is a failure.
  static func call<Status: SignedInteger & Sendable>(
    _ operation: String, _ path: @autoclosure () -> String, _ body: () -> Status
  ) throws(HDF5Error) -> Status {
    var reason = ""
    let status = lock.withLock { _ in
      // The setting belongs to the thread's error stack, and threads come and go.
      H5Eset_auto2(fs_default_errors(), nil, nil)
      let status = body()
      if status < 0 { reason = innermostMessage() }
      return status
    }
    guard status >= 0 else {
      throw HDF5Error(operation: operation, path: path(), reason: reason)
    }
    return status
  }

  /// Makes a call whose failure nobody can act on: closing what is thrown away.
  static func attempt(_ body: () -> herr_t) {
    lock.withLock { _ in
      H5Eset_auto2(fs_default_errors(), nil, nil)
      _ = body()
    }
  }

  /// The message of the deepest frame of the error stack, where the cause stands.
  private static func innermostMessage() -> String {
    var message = "unknown reason"
    _ = withUnsafeMutablePointer(to: &message) { pointer in
      H5Ewalk2(
        fs_default_errors(), H5E_WALK_UPWARD,
        { depth, frame, context in
          guard depth == 0, let text = frame?.pointee.desc else { return 0 }
          context?.assumingMemoryBound(to: String.self).pointee = String(cString: text)
          return 0
        }, pointer)
    }
    return message
  }
}

/// Owner of one library identifier; closes it when the last reference goes.
///
/// A class because ownership is shared: a dataset's identifier lives as long as any value that
/// reads from it. Closing a file closes everything in it first; a handle left over then closes
/// nothing.
final class Handle {
  let id: hid_t
  private let closer: (hid_t) -> herr_t

  init(_ id: hid_t, closer: @escaping (hid_t) -> herr_t) {
    self.id = id
    self.closer = closer
  }

  /// Opens by `body` and takes ownership.
  convenience init(
    _ operation: String, _ path: @autoclosure () -> String, closer: @escaping (hid_t) -> herr_t,
    _ body: () -> hid_t
  ) throws(HDF5Error) {
    self.init(try Library.call(operation, path(), body), closer: closer)
  }

  deinit { Library.attempt { closer(id) } }
}
