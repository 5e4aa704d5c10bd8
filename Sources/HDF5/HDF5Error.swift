// SPDX-License-Identifier: Apache-2.0

/// What went wrong, on which file and object.
public struct HDF5Error: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was being done, as a verb phrase: `open the file`.
  public var operation: String
  /// The file's path, followed by the object's path inside it: `run.h5:/hosts/powerWatts`.
  public var path: String
  /// The library's innermost message, or the system's.
  public var reason: String

  /// An error.
  public init(operation: String, path: String, reason: String) {
    self.operation = operation
    self.path = path
    self.reason = reason
  }

  /// One line for people.
  public var description: String { "\(path): cannot \(operation): \(reason)" }
}
