// SPDX-License-Identifier: Apache-2.0
import Foundation

/// One thing that is not as the house rules want it.
struct Finding: Hashable, CustomStringConvertible {
  var path: String
  var line: Int
  var message: String

  var description: String { "\(path):\(line): \(message)" }
}

/// A Swift file of this package.
struct SourceFile {
  /// Relative to the package root: `Sources/Units/SimTime.swift`.
  var path: String
  var text: SwiftText

  /// The target the file belongs to: the second component of its path.
  var module: String {
    let parts = path.split(separator: "/")
    return parts.count > 1 ? String(parts[1]) : ""
  }
  var isTest: Bool { path.hasPrefix("Tests/") }

  init(path: String, contents: String) {
    self.path = path
    text = SwiftText(contents)
  }

  func finding(_ line: Int, _ message: String) -> Finding {
    Finding(path: path, line: line, message: message)
  }
}

/// The files of this package, read where the tests were compiled.
struct SourceTree {
  /// The package root.
  let root: URL
  /// All Swift files under Sources and Tests, by path.
  let swiftFiles: [SourceFile]
  /// The manifest.
  let manifest: Manifest

  init(testFile: String = #filePath) throws {
    var url = URL(fileURLWithPath: testFile)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    root = url
    swiftFiles = try Self.paths(under: ["Sources", "Tests"], in: url)
      .filter { $0.hasSuffix(".swift") }
      .map { SourceFile(path: $0, contents: try Self.contents($0, in: url)) }
    manifest = Manifest(try Self.contents("Package.swift", in: url))
  }

  var sources: [SourceFile] { swiftFiles.filter { !$0.isTest } }

  /// Relative paths of all files under some folders, sorted; folders that are absent have none.
  func paths(under folders: [String]) throws -> [String] {
    try Self.paths(under: folders, in: root)
  }

  func contents(_ path: String) throws -> String { try Self.contents(path, in: root) }

  func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }

  private static func paths(under folders: [String], in root: URL) throws -> [String] {
    var found: [String] = []
    for folder in folders {
      let base = root.appending(path: folder)
      guard let enumerator = FileManager.default.enumerator(atPath: base.path) else { continue }
      for case let name as String in enumerator {
        var isFolder: ObjCBool = false
        let path = base.appending(path: name).path
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
          !isFolder.boolValue, !name.contains("__pycache__"), !name.hasPrefix(".build/")
        else { continue }
        found.append("\(folder)/\(name)")
      }
    }
    return found.sorted()
  }

  private static func contents(_ path: String, in root: URL) throws -> String {
    String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
  }
}

/// What the manifest says of targets, read from its text.
struct Manifest {
  struct Module: Equatable {
    var name: String
    var dependencies: [String]
  }
  /// Library modules and executables, in the order of the file.
  private(set) var modules: [Module] = []
  private(set) var systemLibraries: [String] = []

  init(_ text: String) {
    let code = SwiftText(text).linesWithoutComments.joined(separator: "\n")
    let declaration =
      #/
      (?: module | target | executable | executableTarget ) \( \s*
      (?: name: \s* )? "(\w+)" , \s* (?: dependencies: \s* )? \[ ( [^\]]* ) \]
      /#
    for match in code.matches(of: declaration) {
      let names = match.2.matches(of: #/"(\w+)"/#).map { String($0.1) }
      modules.append(Module(name: String(match.1), dependencies: names))
    }
    systemLibraries = code.matches(of: #/systemLibrary\(\s*name:\s*"(\w+)"/#).map {
      String($0.1)
    }
  }
}
