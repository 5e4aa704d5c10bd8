// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// Every target: Swift 6 language mode (the tools-version default), warnings are failures.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// One library module and, where it has a folder under `Tests/`, its tests.
func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies,
    swiftSettings: strict)
}

let package = Package(
  name: "foreshadow",
  products: [
    .library(name: "SimulationKernel", targets: ["SimulationKernel", "Units"]),
    .library(name: "NetworkFlows", targets: ["NetworkFlows", "Units"]),
    .library(name: "CloudSimReplay", targets: ["CloudSimReplay", "ConsolidationParts"]),
    .library(name: "Forecasting", targets: ["Forecasting", "Units"]),
    .library(name: "PVMS", targets: ["PVMS", "ControlPlane", "Forecasting", "Units"]),
    .library(name: "SQLiteStore", targets: ["SQLiteStore"]),
    .library(name: "FPGAModel", targets: ["FPGAModel", "Units"]),
    .library(name: "Facility", targets: ["Facility", "Units"]),
    .library(name: "AnomalyDetection", targets: ["AnomalyDetection", "Units"]),
  ],
  dependencies: [
    // The command line: parsing, help texts, completion scripts.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // Scenario files: the YAML node tree with line marks.
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    // The durable store of PVMS: SQLite with typed rows, migrations and prepared statements.
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    // C libraries: a module map and the inline functions that C macros need, nothing else.
    .systemLibrary(
      name: "CHDF5", path: "Sources/CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(
      name: "CGSL", path: "Sources/CGSL", pkgConfig: "gsl", providers: [.apt(["libgsl-dev"])]),
    // Public traces are published as gzip files.
    .systemLibrary(
      name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    // Gradient-boosted trees: training and prediction of the learned models.
    .systemLibrary(
      name: "CXGBoost", path: "Sources/CXGBoost", pkgConfig: "xgboost",
      providers: [.apt(["libxgboost-dev"])]),
    // BLAS: the matrix products of the LSTM.
    .systemLibrary(
      name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"])]),
    // Inner loops of the forecasts, compiled for the wide vector unit too (see the headers).
    .target(name: "CForecastKernels"),
    // Starting a program with nothing but its three streams: GNU calls that Swift does not import.
    .target(name: "CChildProcess"),

    // Floor 1: numbers with units, the event kernel, wrappers.
    module("Units", []),
    module("StateArchive", []),
    module("SimulationKernel", ["StateArchive", "Units"]),
    module("Numerics", ["CGSL"]),
    module("HDF5", ["CHDF5"]),

    // Floor 2: demand, forecasts, facility physics, the control-plane vocabulary, and the
    // stand-alone physics of the plant.
    module("Workloads", ["CZlib", "SimulationKernel", "Units"]),
    module(
      "Forecasting",
      [
        "CForecastKernels", "COpenBLAS", "CXGBoost", "Numerics", "SimulationKernel", "StateArchive",
        "Units",
      ]),
    module("AnomalyDetection", ["Units"]),
    module("ControlPlane", ["StateArchive", "Units"]),
    module("Statistics", ["Numerics", "SimulationKernel"]),
    module("Facility", ["StateArchive", "Units"]),
    module("NetworkFlows", ["StateArchive", "Units"]),
    module("MigrationModels", ["Units"]),
    module("TrafficModels", ["SimulationKernel", "StateArchive", "Units"]),
    module("ShadowModels", ["SimulationKernel", "Units"]),
    module("ConsolidationParts", ["SimulationKernel", "StateArchive", "Units"]),

    // Floor 3: policies, accelerator and plant; policies and plant don't know each other.
    module(
      "BaselinePolicies",
      [
        "ConsolidationParts", "ControlPlane", "Forecasting", "SimulationKernel", "StateArchive",
        "Units",
      ]),
    module("PVMS", ["AnomalyDetection", "ControlPlane", "Forecasting", "StateArchive", "Units"]),
    // The RTL reference beside the model is for Verilator, not for the Swift compiler.
    .target(
      name: "FPGAModel",
      dependencies: ["ControlPlane", "SimulationKernel", "StateArchive", "Units"],
      exclude: ["RTL"], swiftSettings: strict),
    module(
      "DataCenter",
      [
        "ControlPlane", "Facility", "MigrationModels", "NetworkFlows", "ShadowModels",
        "SimulationKernel", "StateArchive", "TrafficModels", "Units", "Workloads",
      ]),

    // What PVMS remembers beyond its process, in one SQLite file.
    module(
      "SQLiteStore",
      ["PVMS", "StateArchive", "Units", .product(name: "GRDB", package: "GRDB.swift")]),

    // CloudSim's consolidation experiment with our parts, to compare with its published figures.
    module("CloudSimReplay", ["ConsolidationParts", "SimulationKernel", "Units", "Workloads"]),

    // Floor 4: scenario -> run -> trace -> comparison; policies in other programs, which take
    // the time of a clock on the wall.
    module("ExternalPolicy", ["CChildProcess", "ControlPlane", "Units"]),
    module(
      "Experiments",
      [
        "AnomalyDetection", "BaselinePolicies", "ControlPlane", "DataCenter", "ExternalPolicy",
        "FPGAModel", "Facility", "Forecasting", "HDF5", "MigrationModels", "Numerics", "PVMS",
        "ShadowModels",
        "SQLiteStore", "SimulationKernel", "StateArchive", "Statistics", "TrafficModels",
        "Units", "Workloads",
        .product(name: "Yams", package: "Yams"),
      ]),

    // Questions asked of many runs: regression gate, frontier, what-if, sweep.
    module(
      "Studies",
      ["DataCenter", "Experiments", "Numerics", "SimulationKernel", "Statistics", "Units"]),

    // Data centers that other simulators describe.
    module("TopologyImport", ["Experiments", "Units"]),

    // Floor 5: tables and pictures for people.
    module(
      "Reporting", ["Experiments", "Forecasting", "HDF5", "Statistics", "Studies", "Units"]),

    // Floor 6: the command line.
    module("Terminal", []),
    .executableTarget(
      name: "foreshadow",
      dependencies: [
        "AnomalyDetection", "CloudSimReplay", "ControlPlane", "DataCenter", "Experiments",
        "ExternalPolicy", "FPGAModel", "Facility", "Forecasting", "HDF5", "MigrationModels",
        "Reporting", "Studies",
        "Terminal", "TopologyImport", "Units", "Workloads",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    tests("Units", []),
    tests("StateArchive", []),
    tests("Numerics", ["SimulationKernel"]),
    tests("SimulationKernel", ["StateArchive", "Units"]),
    tests("HDF5", []),
    tests("Workloads", ["SimulationKernel", "Units"]),
    tests("Forecasting", ["CForecastKernels", "Numerics", "SimulationKernel", "Units"]),
    tests("AnomalyDetection", ["SimulationKernel", "Units"]),
    tests("ControlPlane", ["Units"]),
    tests("Statistics", ["SimulationKernel"]),
    tests("Facility", ["CGSL", "Units"]),
    tests("NetworkFlows", ["Units"]),
    tests("MigrationModels", ["NetworkFlows", "Units"]),
    tests("TrafficModels", ["SimulationKernel", "Units"]),
    tests("ShadowModels", ["SimulationKernel", "Units"]),
    tests("ConsolidationParts", ["SimulationKernel", "Units"]),
    tests("CloudSimReplay", ["ConsolidationParts", "Units", "Workloads"]),
    tests(
      "BaselinePolicies",
      ["ConsolidationParts", "ControlPlane", "Forecasting", "SimulationKernel", "Units"]),
    tests(
      "PVMS",
      [
        "AnomalyDetection", "ControlPlane", "Forecasting", "SQLiteStore", "SimulationKernel",
        "StateArchive", "Units",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    tests("SQLiteStore", ["Units", .product(name: "GRDB", package: "GRDB.swift")]),
    tests("FPGAModel", ["ControlPlane", "SimulationKernel", "Units"]),
    tests(
      "DataCenter",
      [
        "AnomalyDetection", "BaselinePolicies", "ControlPlane", "FPGAModel", "Facility",
        "Forecasting", "MigrationModels", "NetworkFlows", "PVMS", "SQLiteStore", "ShadowModels",
        "SimulationKernel", "TrafficModels", "Units",
        "Workloads",
      ]),
    tests("ExternalPolicy", ["ControlPlane", "SimulationKernel", "Units"]),
    tests("Studies", ["Experiments", "SimulationKernel", "Statistics", "Units"]),
    tests(
      "Experiments",
      [
        "ControlPlane", "DataCenter", "FPGAModel", "Facility", "Forecasting", "HDF5",
        "SimulationKernel", "Units",
      ]),
    tests(
      "TopologyImport", ["DataCenter", "Experiments", "Facility", "SimulationKernel", "Units"]),
    tests("Reporting", ["Experiments"]),
    tests("Terminal", []),
    .testTarget(name: "TidyTests", swiftSettings: strict),
  ]
)
