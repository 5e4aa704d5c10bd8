// SPDX-License-Identifier: Apache-2.0
import Units

/// Schemas of single values and mappings.
enum SchemaPieces {
  static let text = JSONValue.object([
    ("type", .strings(["string", "number", "boolean"]))
  ])

  /// A mapping with exactly the keys of a frame; one left empty is all defaults.
  static func mapping(_ frame: SchemaBuilder.Frame, about: String) -> JSONValue {
    let mustExist = !frame.required.isEmpty || frame.exclusives.contains { $0.isRequired }
    var members: [(key: String, value: JSONValue)] = [
      ("description", .string(about)),
      ("type", mustExist ? .string("object") : .strings(["object", "null"])),
      ("properties", .object(frame.properties)),
      ("additionalProperties", .bool(false)),
    ]
    if !frame.required.isEmpty { members.append(("required", .strings(frame.required))) }
    let rules = frame.exclusives.map { exclusive in
      func present(_ name: String) -> JSONValue { .object([("required", .strings([name]))]) }
      var cases = exclusive.names.map(present)
      if !exclusive.isRequired {
        cases.append(.object([("not", .object([("anyOf", .array(cases))]))]))
      }
      return JSONValue.object([("oneOf", .array(cases))])
    }
    if !rules.isEmpty { members.append(("allOf", .array(rules))) }
    return .object(members)
  }

  static func quantity(_ dimension: Dimension, _ range: ClosedRange<Double>) -> JSONValue {
    let text: [(key: String, value: JSONValue)] = [
      ("type", .string("string")), ("pattern", .string(pattern(for: dimension))),
    ]
    if dimension.isUnitOptional {
      let number = [(key: "type", value: JSONValue.string("number"))] + limits(range)
      return .object([("oneOf", .array([.object(number), .object(text)]))])
    }
    guard dimension != .temperature, range.contains(0) else { return .object(text) }
    return .object([("oneOf", .array([.object([("const", .integer(0))]), .object(text)]))])
  }

  static func integer(_ range: ClosedRange<Int>) -> JSONValue {
    .object([
      ("type", .string("integer")), ("minimum", .integer(range.lowerBound)),
      ("maximum", .integer(range.upperBound)),
    ])
  }

  static func oneOrMany(_ element: JSONValue) -> JSONValue {
    let array = JSONValue.object([("type", .string("array")), ("items", element)])
    return .object([("oneOf", .array([array, element]))])
  }

  static func pattern(_ expression: String) -> JSONValue {
    .object([("pattern", .string(expression))])
  }

  /// The regular expression of a number with a unit of `dimension`.
  static func pattern(for dimension: Dimension) -> String {
    let number = #"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"#
    let units = dimension.units.map(\.suffix).joined(separator: "|")
    return "^\\s*\(number)\\s*(\(units))\(dimension.isUnitOptional ? "?" : "")\\s*$"
  }

  static func limits(_ range: ClosedRange<Double>) -> [(key: String, value: JSONValue)] {
    [("minimum", .number(range.lowerBound)), ("maximum", .number(range.upperBound))].filter {
      guard case .number(let limit) = $0.1 else { return false }
      return limit.isFinite
    }
  }

  static func rangeText(_ range: ClosedRange<Double>, _ dimension: Dimension) -> String {
    let low = quantityText(range.lowerBound, dimension)
    return " (\(low) … \(quantityText(range.upperBound, dimension)))"
  }
}
