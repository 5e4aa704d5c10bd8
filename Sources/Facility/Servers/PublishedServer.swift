// SPDX-License-Identifier: Apache-2.0
import Units

/// A SPECpower_ssj2008 result to be looked up in a CSV file of results.
public struct PublishedServer: Sendable, Hashable {
  /// Path of the CSV file.
  public var file: String
  /// The system: its model as published, or vendor and model.
  public var system: String
  /// Publication date as published ("Sep 13, 2017"), needed when the system has several results.
  public var publication: String

  /// CPU capacity, where it is not as published.
  public var cores: Double?
  /// Memory in GiB, where it is not as published.
  public var gibibytes: Double?

  /// A result to be looked up.
  public init(
    file: String, system: String, publication: String = "", cores: Double? = nil,
    gibibytes: Double? = nil
  ) {
    self.file = file
    self.system = system
    self.publication = publication
    self.cores = cores
    self.gibibytes = gibibytes
  }

  /// Reads the alternative `specpower` of ``ServerSpec``.
  static func spec(from source: inout some ParameterSource) -> ServerSpec {
    var published = PublishedServer(
      file: source.path("file", default: nil, about: "CSV file of SPECpower results"),
      system: source.text("system", default: nil, about: "vendor and model, or model alone"),
      publication: source.text(
        "publication", default: "", about: "date of the result where the system has several"))
    let cores = source.quantity(
      "cores", .cores, default: 1, in: 1...100_000, about: "CPU capacity; left out: as published")
    let memory = source.quantity(
      "memory", .data, default: Bytes.gibibytes(1).value, in: 1e6...1e18,
      about: "memory capacity; left out: as published")
    if source.isGiven("cores") { published.cores = cores }
    if source.isGiven("memory") { published.gibibytes = memory / Bytes.gibibytes(1).value }
    let unresolved = ServerModel(
      name: "specpower", about: "a published SPECpower result", cores: Cores(1),
      memory: .gibibytes(1), curve: .constant(.zero))
    var spec = ServerSpec(model: unresolved)
    spec.model.readStates(from: &source)
    spec.published = published
    return spec
  }
}
