// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What became of a path that a scenario names.
package enum LocatedPath: Sendable, Equatable {
  /// It exists; this path opens it.
  case found(String)
  /// It does not exist; the message says where it was looked for.
  case missing(String)
}

/// Finds the files that scenarios name.
///
/// A relative path is relative to the file that names it; one given by `--set` to the present
/// folder, as the shell's other arguments are. `${FORESHADOW_SHARED}` stands for the folder with
/// public traces: the variable's value or, without one, `../shared` beside the present folder or
/// beside the scenario's. No other variable is known, so that a scenario means the same everywhere.
public struct ScenarioFolder: Sendable {
  /// The value of `FORESHADOW_SHARED`; nil when it is not set.
  public var sharedFolder: String?

  /// A finder; the caller hands in the environment, nothing below it looks there.
  public init(sharedFolder: String?) {
    self.sharedFolder = sharedFolder
  }

  private static let variable = "${FORESHADOW_SHARED}"

  /// The path to open for `written`, which stands at `place`.
  package func locate(_ written: String, at place: SourceLocation) -> LocatedPath {
    guard !written.utf8.contains(0) else { return .missing("not a path: it contains a NUL") }
    let base = place.line == nil ? "." : Self.folder(of: place.source)
    var candidates = [written]
    if written.hasPrefix(Self.variable) {
      let rest = written.dropFirst(Self.variable.count)
      let roots = sharedFolder.map { [$0] } ?? ["../shared", "\(base)/../shared"]
      candidates = roots.map { $0 + rest }
    } else if written.contains("${") {
      return .missing("no such variable; known: \(Self.variable), at the beginning of a path")
    } else if !written.hasPrefix("/") {
      candidates = [base == "." ? written : "\(base)/\(written)"]
    }
    if let found = candidates.first(where: { FileManager.default.isReadableFile(atPath: $0) }) {
      return .found(found)
    }
    return .missing("no file or folder \(candidates.map(quoted).joined(separator: " or "))")
  }

  /// The bytes of a file, or the reason why there are none.
  ///
  /// No more is read than a scenario may have, so that an endless device ends in a message too.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - acceptsPipes: whether something other than a regular file will do, e.g. the shell's
  ///     `<(command)`; a file named inside a scenario must not make the program wait.
  /// - Returns: at most one byte more than ``YAMLLimits/bytes``.
  package func read(_ path: String, acceptsPipes: Bool = false) -> Result<[UInt8], FileProblem> {
    var status = stat()
    guard !path.utf8.contains(0), stat(path, &status) == 0 else {
      return .failure(FileProblem(message: "no such file"))
    }
    let kind = status.st_mode & S_IFMT
    guard kind != S_IFDIR else { return .failure(FileProblem(message: "a folder, not a file")) }
    guard kind == S_IFREG || acceptsPipes else {
      return .failure(FileProblem(message: "not a regular file"))
    }
    guard let file = FileHandle(forReadingAtPath: path) else {
      return .failure(FileProblem(message: "cannot be read"))
    }
    do {
      return .success([UInt8](try file.read(upToCount: YAMLLimits.bytes + 1) ?? Data()))
    } catch {
      return .failure(FileProblem(message: "cannot be read"))
    }
  }

  /// The folder of a file.
  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// Why a file cannot be used.
package struct FileProblem: Error, Sendable, Equatable {
  /// The reason in words.
  package var message: String
}
