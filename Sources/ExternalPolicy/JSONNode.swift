// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A JSON document as it was read; the keys of objects are sorted, so that what is reported first
/// does not depend on chance.
enum JSONNode: Decodable, Equatable {
  case null
  case flag(Bool)
  /// A number without fraction that fits 64 bits.
  case integer(Int64)
  case number(Double)
  case text(String)
  case list([JSONNode])
  case object([Member])

  /// A key with its value.
  struct Member: Equatable {
    var key: String
    var value: JSONNode
  }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    if let object = try? decoder.container(keyedBy: Key.self) {
      self = .object(
        try object.allKeys.sorted { $0.stringValue < $1.stringValue }.map {
          Member(key: $0.stringValue, value: try object.decode(JSONNode.self, forKey: $0))
        })
    } else if var list = try? decoder.unkeyedContainer() {
      var elements: [JSONNode] = []
      while !list.isAtEnd { elements.append(try list.decode(JSONNode.self)) }
      self = .list(elements)
    } else {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .null
      } else if let flag = try? value.decode(Bool.self) {
        self = .flag(flag)
      } else if let integer = try? value.decode(Int64.self) {
        self = .integer(integer)
      } else if let number = try? value.decode(Double.self) {
        self = .number(number)
      } else {
        self = .text(try value.decode(String.self))
      }
    }
  }

  /// Reads one line.
  static func read(_ line: [UInt8]) throws(ReplyProblem) -> JSONNode {
    do {
      return try JSONDecoder().decode(JSONNode.self, from: Data(line))
    } catch {
      let start = String(decoding: line.prefix(60), as: UTF8.self)
        .replacing(#/[\p{Cc}\u{FFFD}]/#, with: "·")
      let found = line.isEmpty ? "an empty line" : "\"\(start)\(line.count > 60 ? "…" : "")\""
      throw ReplyProblem(key: "", message: "expected one JSON object in one line, found \(found)")
    }
  }

  /// What it is, for messages.
  var summary: String {
    switch self {
    case .null: return "null"
    case .flag(let flag): return String(flag)
    case .integer(let number): return String(number)
    case .number(let number): return String(number)
    case .text(let text):
      return
        "\"\(text.unicodeScalars.prefix(60).reduce(into: "") { $0.unicodeScalars.append($1) })\""
    case .list: return "a list"
    case .object: return "an object"
    }
  }
}
