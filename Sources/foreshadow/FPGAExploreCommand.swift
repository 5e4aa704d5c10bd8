// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FPGAModel
import Foundation
import Reporting

/// `foreshadow fpga explore`: the designs that fit, and which of them are worth a thought.
struct FPGAExploreCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract: "Sweep engines of a network on a device; mark the best by latency, energy and area.",
    discussion: """
      Example: foreshadow fpga explore --input 4 --hidden 32 --steps 12 --device u50 \
      --plot pareto.svg
      """)

  @OptionGroup var sizes: NetworkOptions

  @Option(help: "Bits of a word, 2 … 32.")
  var bits = 16

  @Option(help: "Clock of all designs.", transform: { try frequency($0) })
  var clock = 200e6

  @Option(help: "Where it must fit: \(FPGADevice.all.map(\.name).joined(separator: ", ")).")
  var device = "u50"

  @Flag(help: "Print all designs that fit, not only the best.")
  var all = false

  @Option(help: "Draw latency over area as SVG.", completion: .file(extensions: ["svg"]))
  var plot: String?

  @Flag(help: "Overwrite the plot.")
  var force = false

  @Flag(help: "Print JSON.")
  var json = false

  mutating func execute() throws {
    guard (2...32).contains(bits) else { throw ValidationError("--bits is 2 … 32") }
    let device = try named(device, FPGADevice.all, \.name, "device")
    if let plot { try OutputFile.check(plot, force: force) }
    let points = DesignSpace.explore(
      sizes.network, format: WordFormat(bits: bits, integerBits: min(6, bits)),
      clockHertz: clock, device: device)
    let shown = all ? points : points.filter(\.isPareto)
    if json { try writeJSON(shown.map(DesignRow.init)) } else { try Console.write(table(shown)) }
    if let plot { try OutputFile.write(picture(points, device).text, to: plot) }
  }

  private func table(_ points: [DesignPoint]) -> String {
    guard !points.isEmpty else { return "no design of this network fits on \(device)" }
    let rows = points.map { point in
      let row = DesignRow(point)
      return (point.isPareto ? "* " : "  ")
        + point.name.padding(toLength: 24, withPad: " ", startingAt: 0)
        + String(
          format: "%12.2f %12.2f %9.1f %12.0f %6d", row.latencyMicroseconds,
          row.microjoulesPerSequence, row.areaPercent, row.sequencesPerSecond, row.dsp)
    }
    let head =
      "  design                      latency µs  µJ/sequence    area %  sequences/s    DSP"
    return ([head] + rows + ["* no other is as good in latency, energy and area"])
      .joined(separator: "\n")
  }

  private func picture(_ points: [DesignPoint], _ device: FPGADevice) -> SVGPlot {
    func curve(_ name: String, _ points: [DesignPoint], isStep: Bool) -> SVGPlot.Curve {
      let sorted = points.sorted { ($0.area, $0.name) < ($1.area, $1.name) }
      return SVGPlot.Curve(
        name, sorted.map { (x: $0.area * 100, y: log10($0.estimate.maximumLatencySeconds * 1e6)) },
        isStep: isStep)
    }
    // The front in latency and area alone, so that its curve falls.
    var best = Double.infinity
    let front = points.sorted { ($0.area, $0.name) < ($1.area, $1.name) }.filter { point in
      defer { best = min(best, point.estimate.maximumLatencySeconds) }
      return point.estimate.maximumLatencySeconds < best
    }
    let families = ["unit-parallel", "reuse-factor"].map { family in
      curve(family, points.filter { $0.name.hasPrefix(family) }, isStep: false)
    }
    return SVGPlot(
      title: "Designs on \(device.name)", xLabel: "% of the scarcest resource",
      yLabel: "log10 of the latency in µs",
      curves: families.filter { !$0.points.isEmpty } + [curve("front", front, isStep: true)])
  }
}

/// A design in JSON.
private struct DesignRow: Encodable {
  var name: String
  var isPareto: Bool
  var cycles: Int
  var latencyMicroseconds: Double
  var microjoulesPerSequence: Double
  var areaPercent: Double
  var sequencesPerSecond: Double
  var dsp: Int

  init(_ point: DesignPoint) {
    name = point.name
    isPareto = point.isPareto
    cycles = point.estimate.maximumCycles
    latencyMicroseconds = point.estimate.maximumLatencySeconds * 1e6
    microjoulesPerSequence = point.joulesPerSequence * 1e6
    areaPercent = point.area * 100
    sequencesPerSecond = point.estimate.sequencesPerSecond
    dsp = Int(point.estimate.resources.dsp.rounded())
  }
}
