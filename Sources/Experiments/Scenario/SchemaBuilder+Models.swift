// SPDX-License-Identifier: Apache-2.0
public import Units

// Sections, lists and alternatives: whatever describes another mapping.
extension SchemaBuilder {
  /// A nested mapping.
  public mutating func section<Result>(
    _ key: String, about: String, _ read: (inout SchemaBuilder) -> Result
  ) -> Result {
    let (result, schema, isRequired) = nested(key, about: about, read)
    add(key, schema, about: about, default: nil, isRequired: isRequired)
    return result
  }

  /// A list of mappings, or one alone; described by its first element.
  public mutating func list<Element>(
    _ key: String, count: ClosedRange<Int>, about: String,
    _ read: (inout SchemaBuilder) -> Element
  ) -> [Element] {
    let (element, schema, isRequired) = nested(key, about: about, read)
    let reference = define(key, schema)
    let array: [(key: String, value: JSONValue)] = [
      ("type", .string("array")), ("items", reference), ("minItems", .integer(count.lowerBound)),
      ("maxItems", .integer(count.upperBound)),
    ]
    add(
      key, .object([("oneOf", .array([.object(array), reference]))]), about: about, default: nil,
      isRequired: isRequired && count.lowerBound > 0)
    return [Element](repeating: element, count: count.lowerBound)
  }

  /// A model's name, or its name with parameters.
  public mutating func alternative<Result>(
    _ key: String, default fallback: String?,
    of alternatives: [Alternative<SchemaBuilder, Result>], about: String
  ) -> Result {
    let (results, schema) = models(key, alternatives)
    add(key, schema, about: about, default: fallback.map { .string($0) })
    let chosen = alternatives.firstIndex { $0.name == fallback } ?? 0
    return results[chosen]
  }

  /// A list of models, or one alone.
  public mutating func alternatives<Result>(
    _ key: String, default fallback: [String],
    of alternatives: [Alternative<SchemaBuilder, Result>], about: String
  ) -> [Result] {
    let (results, schema) = models(key, alternatives)
    let reference = define(key, schema)
    let array = JSONValue.object([("type", .string("array")), ("items", reference)])
    add(
      key, .object([("oneOf", .array([array, reference]))]), about: about,
      default: .strings(fallback))
    return fallback.compactMap { name in
      alternatives.firstIndex { $0.name == name }.map { results[$0] }
    }
  }

  /// One of several keys of the present mapping.
  public mutating func exclusive<Result>(
    default fallback: String?, of alternatives: [Alternative<SchemaBuilder, Result>]
  ) -> Result {
    let results = alternatives.map { alternative in
      let (result, schema, _) = nested(alternative.name, about: alternative.about, alternative.read)
      add(alternative.name, schema, about: alternative.about, default: nil, isRequired: false)
      return result
    }
    frames[frames.count - 1].exclusives.append((alternatives.map(\.name), fallback == nil))
    return results[alternatives.firstIndex { $0.name == fallback } ?? 0]
  }

  /// Describes a nested mapping; `isRequired` when one of its keys has no default.
  private mutating func nested<Result>(
    _ key: String, about: String, _ read: (inout SchemaBuilder) -> Result
  ) -> (result: Result, schema: JSONValue, isRequired: Bool) {
    frames.append(Frame(path: joined(frames[frames.count - 1].path, key)))
    let result = read(&self)
    let frame = frames.removeLast()
    let isRequired = !frame.required.isEmpty || frame.exclusives.contains { $0.isRequired }
    return (result, SchemaPieces.mapping(frame, about: about), isRequired)
  }

  private mutating func models<Result>(_ key: String, _ alternatives: [Alternative<Self, Result>])
    -> (results: [Result], schema: JSONValue)
  {
    frames.append(Frame(path: joined(frames[frames.count - 1].path, key)))
    var bare: [String] = []
    let results = alternatives.map { alternative in
      let (result, schema, isRequired) = nested(
        alternative.name, about: alternative.about, alternative.read)
      add(alternative.name, schema, about: alternative.about, default: nil, isRequired: false)
      if !isRequired { bare.append(alternative.name) }
      return result
    }
    let frame = frames.removeLast()
    let withParameters = JSONValue.object([
      ("type", .string("object")), ("properties", .object(frame.properties)),
      ("additionalProperties", .bool(false)), ("minProperties", .integer(1)),
      ("maxProperties", .integer(1)),
    ])
    guard !bare.isEmpty else { return (results, withParameters) }
    let names = JSONValue.object([("enum", .strings(bare))])
    return (results, .object([("oneOf", .array([names, withParameters]))]))
  }

  /// Puts a schema that is used twice under a name.
  private mutating func define(_ key: String, _ schema: JSONValue) -> JSONValue {
    let name = joined(frames[frames.count - 1].path, key)
    definitions.append((name, schema))
    return .object([("$ref", .string("#/definitions/\(name)"))])
  }

  /// Adds a property to the present mapping.
  mutating func add(
    _ key: String, _ schema: JSONValue, about: String, default fallback: JSONValue?,
    example: JSONValue? = nil, isRequired: Bool? = nil
  ) {
    let top = frames.count - 1
    keyPaths.append(joined(frames[top].path, key))
    guard case .object(var members) = schema else { return }
    members.removeAll { $0.key == "description" }
    members.insert(("description", .string(about)), at: 0)
    let isOptional = frames[top].optional.contains(key)
    let isLeaf = isRequired == nil
    if let fallback, !isOptional { members.append(("default", fallback)) }
    if let example, fallback == nil || isOptional {
      members.append(("examples", .array([example])))
    }
    frames[top].properties.removeAll { $0.key == key }
    frames[top].properties.append((key, .object(members)))
    let mustExist = isRequired ?? (fallback == nil) && (isLeaf || !isOptional)
    if mustExist, !frames[top].required.contains(key) { frames[top].required.append(key) }
  }
}
