// SPDX-License-Identifier: Apache-2.0
internal import Units

/// A SPECpower_ssj2008 result to be looked up in a CSV file of results.
public struct PublishedServer: Sendable, Hashable {
  /// Path of the CSV file, relative to the scenario.
  public var file: String
  /// The system: its model as published, or vendor and model.
  public var system: String
  /// Publication date as published ("Sep 13, 2017"), needed when the system has several results.
  public var publication: String

  /// A result to be looked up.
  public init(file: String, system: String, publication: String = "") {
    self.file = file
    self.system = system
    self.publication = publication
  }

  /// Reads the alternative `specpower` of ``ServerSpec``.
  static func spec(from source: inout some ParameterSource) -> ServerSpec {
    let published = PublishedServer(
      file: source.text("file", default: nil, about: "CSV file of SPECpower results"),
      system: source.text("system", default: nil, about: "vendor and model, or model alone"),
      publication: source.text(
        "publication", default: "", about: "date of the result where the system has several"))
    let placeholder = ServerModel(
      name: "specpower", about: "a published SPECpower result", cores: Cores(1),
      memory: .gibibytes(1), curve: .constant(.zero))
    var spec = ServerSpec(model: placeholder)
    spec.model.readStates(from: &source)
    spec.published = published
    return spec
  }
}
