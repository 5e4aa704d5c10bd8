// SPDX-License-Identifier: Apache-2.0
public import Units

/// Turns what the specifications ask for into a JSON Schema (draft-07), which editors and
/// `check-jsonschema` use on scenario files.
///
/// It runs the same initialisers as ``ScenarioReader``, so the schema cannot disagree with the
/// reader about a key. Draft-07 because yaml-language-server knows nothing newer. A schema cannot
/// compare numbers inside of text, so the range of a quantity stands in its description.
public struct SchemaBuilder: ParameterSource {
  /// One mapping that is being described.
  struct Frame {
    var path: String
    var properties: [(key: String, value: JSONValue)] = []
    var required: [String] = []
    var optional: [String] = []
    /// Choices between sibling keys; `isRequired` when there is no default.
    var exclusives: [(names: [String], isRequired: Bool)] = []
  }

  var frames = [Frame(path: "")]
  var definitions: [(key: String, value: JSONValue)] = []
  /// Dotted paths of all keys, those of alternatives under the alternative's name.
  package internal(set) var keyPaths: [String] = []

  /// A builder of an empty schema.
  public init() {}

  /// The schema of everything asked for so far.
  public func schema(title: String, about: String) -> JSONValue {
    var members: [(key: String, value: JSONValue)] = [
      ("$schema", .string("http://json-schema.org/draft-07/schema#")),
      ("title", .string(title)),
    ]
    if case .object(let body) = SchemaPieces.mapping(frames[0], about: about) { members += body }
    if !definitions.isEmpty { members.append(("definitions", .object(definitions))) }
    return .object(members)
  }

  // MARK: Scalars

  /// A text with a unit, or a plain number where the dimension allows one.
  public mutating func quantity(
    _ key: String, _ dimension: Dimension, default fallback: Double?, in range: ClosedRange<Double>,
    about: String
  ) -> Double {
    add(
      key, SchemaPieces.quantity(dimension, range),
      about: about + SchemaPieces.rangeText(range, dimension),
      default: fallback.map { .string(quantityText($0, dimension)) },
      example: .string(dimension.example))
    return fallback ?? range.lowerBound
  }

  /// A number in a range.
  public mutating func number(
    _ key: String, default fallback: Double?, in range: ClosedRange<Double>, about: String
  ) -> Double {
    add(
      key, .object([("type", .string("number"))] + SchemaPieces.limits(range)), about: about,
      default: fallback.map { .number($0) })
    return fallback ?? range.lowerBound
  }

  /// A whole number in a range.
  public mutating func integer(
    _ key: String, default fallback: Int?, in range: ClosedRange<Int>, about: String
  ) -> Int {
    add(key, SchemaPieces.integer(range), about: about, default: fallback.map { .integer($0) })
    return fallback ?? range.lowerBound
  }

  /// A boolean.
  public mutating func flag(_ key: String, default fallback: Bool, about: String) -> Bool {
    add(
      key, .object([("type", .string("boolean"))]), about: about, default: .bool(fallback))
    return fallback
  }

  /// One of a list of names.
  public mutating func choice(
    _ key: String, default fallback: String?, of names: [String], about: String
  ) -> String {
    add(
      key, .object([("enum", .strings(names))]), about: about,
      default: fallback.map { .string($0) })
    return fallback ?? names.first ?? ""
  }

  /// A text.
  public mutating func text(_ key: String, default fallback: String?, about: String) -> String {
    add(key, SchemaPieces.text, about: about, default: fallback.map { .string($0) })
    return fallback ?? ""
  }

  /// A file or folder.
  public mutating func path(_ key: String, default fallback: String?, about: String) -> String {
    add(key, SchemaPieces.text, about: about, default: fallback.map { .string($0) })
    return fallback ?? ""
  }

  /// A point in the run.
  public mutating func instant(_ key: String, default fallback: SimTime?, about: String) -> SimTime
  {
    let clock = #"^([0-9]+d *)?([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9](\.[0-9]*)?)?$"#
    let schema = JSONValue.object([
      ("type", .string("string")),
      (
        "anyOf",
        .array([
          SchemaPieces.pattern(clock), SchemaPieces.pattern(SchemaPieces.pattern(for: .time)),
        ])
      ),
    ])
    add(
      key, schema, about: about, default: fallback.map { .string($0.description) },
      example: .string("02:00"))
    return fallback ?? .zero
  }

  // MARK: Lists of scalars

  /// Quantities, or one alone.
  public mutating func quantities(
    _ key: String, _ dimension: Dimension, default fallback: [Double],
    in range: ClosedRange<Double>, about: String
  ) -> [Double] {
    add(
      key, SchemaPieces.oneOrMany(SchemaPieces.quantity(dimension, range)),
      about: about + SchemaPieces.rangeText(range, dimension),
      default: .strings(fallback.map { quantityText($0, dimension) }))
    return fallback
  }

  /// Texts, or one alone.
  public mutating func texts(_ key: String, default fallback: [String], about: String) -> [String] {
    add(key, SchemaPieces.oneOrMany(SchemaPieces.text), about: about, default: .strings(fallback))
    return fallback
  }

  /// Files or folders, or one alone.
  public mutating func paths(_ key: String, default fallback: [String], about: String) -> [String] {
    texts(key, default: fallback, about: about)
  }

  /// Whole numbers, or one alone.
  public mutating func integers(
    _ key: String, default fallback: [Int], in range: ClosedRange<Int>, about: String
  ) -> [Int] {
    add(
      key, SchemaPieces.oneOrMany(SchemaPieces.integer(range)), about: about,
      default: .array(fallback.map { .integer($0) }))
    return fallback
  }

  /// A mapping from names to quantities.
  public mutating func table(
    _ key: String, _ dimension: Dimension, of names: [String], default fallback: [(String, Double)],
    in range: ClosedRange<Double>, about: String
  ) -> [(name: String, value: Double)] {
    let schema = JSONValue.object([
      ("type", .string("object")),
      ("properties", .object(names.map { ($0, SchemaPieces.quantity(dimension, range)) })),
      ("additionalProperties", .bool(false)),
    ])
    let byDefault = fallback.map {
      (key: $0.0, value: JSONValue.string(quantityText($0.1, dimension)))
    }
    add(
      key, schema, about: about + SchemaPieces.rangeText(range, dimension),
      default: .object(byDefault))
    return fallback.map { (name: $0.0, value: $0.1) }
  }

  // MARK: Presence and problems

  /// Never; the key's default does not appear in the schema.
  public mutating func isGiven(_ key: String) -> Bool {
    frames[frames.count - 1].optional.append(key)
    return false
  }

  /// A schema has no problems to report.
  public mutating func problem(_ key: String, _ message: String) {}
}
