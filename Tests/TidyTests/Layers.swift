// SPDX-License-Identifier: Apache-2.0

/// The floors of the house: a module may import modules of lower floors, and of its own floor only
/// where it is said so.
enum Layers {
  /// From the ground up. A new module gets its line here.
  static let floors: [[String]] = [
    ["Units", "StateArchive", "SimulationKernel", "HDF5", "Numerics"],
    [
      "Workloads", "Forecasting", "AnomalyDetection", "Facility", "ControlPlane", "NetworkFlows",
      "MigrationModels", "TrafficModels", "ShadowModels", "ConsolidationParts",
      "Statistics",
    ],
    ["PVMS", "BaselinePolicies", "FPGAModel", "DataCenter", "CloudSimReplay", "SQLiteStore"],
    ["Experiments", "ExternalPolicy"],
    ["Studies", "TopologyImport"],
    ["Reporting", "Terminal"],
    ["foreshadow"],
  ]

  /// Imports within a floor. The oracle is the predictive policy with perfect forecasts; the store
  /// keeps what PVMS's port says; policies in other programs need the wall clock of their floor.
  static let withinFloor: [(from: String, to: String)] = [
    ("SimulationKernel", "Units"), ("SimulationKernel", "StateArchive"), ("HDF5", "Units"),
    ("Numerics", "Units"), ("BaselinePolicies", "PVMS"), ("SQLiteStore", "PVMS"),
    ("Experiments", "ExternalPolicy"),
  ]

  /// Modules that must build without Foundation.
  static let withoutFoundation = [
    "Units", "StateArchive", "SimulationKernel", "ControlPlane", "HDF5",
  ]

  static func floor(of module: String) -> Int? {
    floors.firstIndex { $0.contains(module) }
  }

  /// Modules below the one that may look at clocks and environments.
  static func isBelowExperiments(_ module: String) -> Bool {
    guard let floor = floor(of: module), let limit = self.floor(of: "Experiments") else {
      return true
    }
    return floor < limit
  }

  /// Why `module` may not use `other`; nil when it may, or when `other` is not one of ours.
  static func objection(to module: String, using other: String) -> String? {
    guard let upper = floor(of: other) else { return nil }
    guard let own = floor(of: module) else {
      return "\(module) has no floor in Layers.swift"
    }
    if upper < own { return nil }
    if withinFloor.contains(where: { $0.from == module && $0.to == other }) { return nil }
    return "\(module) may not use \(other), which does not stand on a lower floor"
  }
}

/// Modules imported by a file, with lines.
func imports(of file: SourceFile) -> [(module: String, line: Int)] {
  let tokens = file.text.tokens
  let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias", "actor"]
  return tokens.indices.compactMap { index in
    guard tokens[index].text == "import" else { return nil }
    var next = index + 1
    if next < tokens.count, kinds.contains(tokens[next].text) { next += 1 }
    guard next < tokens.count else { return nil }
    return (tokens[next].text, tokens[index].line)
  }
}

/// Imports that point upwards, and Foundation where it must not be.
func importFindings(_ file: SourceFile) -> [Finding] {
  imports(of: file).compactMap { module, line in
    if module == "Foundation", Layers.withoutFoundation.contains(file.module) {
      return file.finding(line, "\(file.module) must build without Foundation")
    }
    return Layers.objection(to: file.module, using: module).map { file.finding(line, $0) }
  }
}

/// Dependencies in the manifest that point upwards, and modules without a floor.
func manifestFindings(_ modules: [Manifest.Module]) -> [Finding] {
  modules.flatMap { module in
    let objections = module.dependencies.compactMap {
      Layers.objection(to: module.name, using: $0)
    }
    let homeless =
      Layers.floor(of: module.name) == nil ? ["\(module.name) has no floor in Layers.swift"] : []
    return (objections + homeless).map { Finding(path: "Package.swift", line: 1, message: $0) }
  }
}
