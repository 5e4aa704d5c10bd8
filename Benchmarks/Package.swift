// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// A package of its own, so that neither users nor the unit tests ever build a benchmark.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "foreshadow-benchmarks",
  dependencies: [.package(name: "foreshadow", path: "..")],
  targets: [
    .executableTarget(
      name: "KernelBenchmark",
      dependencies: [.product(name: "SimulationKernel", package: "foreshadow")],
      swiftSettings: strict),
    .executableTarget(
      name: "FPGABenchmark", dependencies: [.product(name: "FPGAModel", package: "foreshadow")],
      swiftSettings: strict),
    .executableTarget(
      name: "FacilityBenchmark",
      dependencies: [
        .product(name: "Facility", package: "foreshadow"),
        .product(name: "SimulationKernel", package: "foreshadow"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "ForecastingBenchmark",
      dependencies: [.product(name: "Forecasting", package: "foreshadow")],
      swiftSettings: strict),
    .executableTarget(
      name: "AnomalyBenchmark",
      dependencies: [
        .product(name: "AnomalyDetection", package: "foreshadow"),
        .product(name: "SimulationKernel", package: "foreshadow"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "PVMSBenchmark",
      dependencies: [
        .product(name: "PVMS", package: "foreshadow"),
        .product(name: "SimulationKernel", package: "foreshadow"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "NetworkBenchmark",
      dependencies: [
        .product(name: "NetworkFlows", package: "foreshadow"),
        .product(name: "SimulationKernel", package: "foreshadow"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "ReplayBenchmark",
      dependencies: [.product(name: "CloudSimReplay", package: "foreshadow")],
      swiftSettings: strict),
    .executableTarget(
      name: "ArimaBenchmark",
      dependencies: [.product(name: "Forecasting", package: "foreshadow")],
      swiftSettings: strict),
    .executableTarget(
      name: "LearnedModelsBenchmark",
      dependencies: [
        .product(name: "Forecasting", package: "foreshadow"),
        .product(name: "SimulationKernel", package: "foreshadow"),
      ],
      swiftSettings: strict),
  ]
)
