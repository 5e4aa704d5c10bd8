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
  dependencies: [
    // The command line: parsing, help texts, completion scripts.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // Scenario files: the YAML node tree with line marks.
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C libraries: a module map and the inline functions that C macros need, nothing else.
    .systemLibrary(
      name: "CHDF5", path: "Sources/CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(
      name: "CGSL", path: "Sources/CGSL", pkgConfig: "gsl", providers: [.apt(["libgsl-dev"])]),
    // Gradient-boosted trees: training and prediction of the learned models.
    .systemLibrary(
      name: "CXGBoost", path: "Sources/CXGBoost", pkgConfig: "xgboost",
      providers: [.apt(["libxgboost-dev"])]),
    // BLAS: the matrix products of the LSTM.
    .systemLibrary(
      name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"])]),
    // One LSTM step for many series, compiled for the wide vector unit too (see its header).
    .target(name: "CLSTMKernel"),

    // Floor 1: numbers with units, the event kernel, wrappers.
    module("Units", []),
    module("SimulationKernel", ["Units"]),

    module("Numerics", ["CGSL"]),
    module("HDF5", ["CHDF5"]),

    // Floor 2: demand, forecasts, facility physics, the control-plane vocabulary.
    module("Workloads", ["Units"]),
    module(
      "Forecasting",
      ["CLSTMKernel", "COpenBLAS", "CXGBoost", "Numerics", "SimulationKernel", "Units"]),
    module("ControlPlane", ["Units"]),
    module("Facility", ["Units"]),

    // Floor 4: scenario -> run -> trace -> comparison.
    module(
      "Experiments",
      [
        "Units", "ControlPlane", "Workloads", "Forecasting",
        .product(name: "Yams", package: "Yams"),
      ]),

    // Stand-alone physics of the plant: no reference to the rest.
    module("MigrationModels", ["Units"]),

    // Timings of the learned models; not part of the product.
    .executableTarget(
      name: "LearnedModelsBenchmark", dependencies: ["Forecasting", "SimulationKernel"],
      path: "Benchmarks/LearnedModels", exclude: ["onnx_peer.py"], swiftSettings: strict),

    tests("Units", []),
    tests("SimulationKernel", ["Units"]),
    tests("Facility", ["Units"]),
    tests("Experiments", ["Units"]),
    tests("Numerics", []),
    tests("Forecasting", ["Units"]),
    tests("HDF5", []),
    tests("MigrationModels", ["Units"]),
  ]
)
