// SPDX-License-Identifier: Apache-2.0
import Units

extension TraceSummary {
  /// The summary as aligned lines, each ending in a line feed; what `foreshadow trace info` prints.
  public var text: String {
    var lines: [(label: String, value: String)] = [
      (
        "VMs",
        "\(vmCount), \(decimal(smallestVirtualCPUs, 2)) … \(decimal(largestVirtualCPUs, 2))"
          + " virtual CPUs, \(decimal(totalVirtualCPUs, 1)) in all"
      ),
      ("samples", "\(sampleCount) × \(interval) = \(duration)"),
      ("starts", startEpochSeconds.map { calendarText(epochSeconds: $0) } ?? "no calendar"),
      ("missing", percent(missingShare) + ", carried over \(quality.carriedSamples) samples"),
    ]
    if quality.clippedSamples > 0 {
      lines.append(("clipped", "\(quality.clippedSamples) samples above the VM's size"))
    }
    if quality.invalidReadings + quality.droppedVMs > 0 {
      lines.append(
        (
          "left out",
          "\(quality.invalidReadings) invalid readings, \(quality.droppedVMs) VMs "
            + "without readings"
        ))
    }
    lines.append(
      ("total load", "mean \(decimal(meanTotalCores, 1)), peak \(decimal(peakTotalCores, 1)) cores")
    )
    if let cpu { lines += cpuLines(cpu) }
    lines.append(
      ("memory", meanMemory.map { "mean \(decimal($0.value / 1_048_576, 1)) MiB" } ?? "no"))
    lines.append(("network", meanNetwork.map { "mean \(decimal($0.value / 1e3, 1)) kB/s" } ?? "no"))
    lines.append(("disk", meanDisk.map { "mean \(decimal($0.value / 1e3, 1)) kB/s" } ?? "no"))
    lines.append(
      (
        "profiles",
        profiles.prefix(12).map { "\($0.profile) \($0.count)" }.joined(separator: ", ")
          + (profiles.count > 12 ? ", …" : "")
      ))
    let width = (lines.map(\.label.count).max() ?? 0) + 2
    return lines.map { line in
      line.label + String(repeating: " ", count: width - line.label.count) + line.value + "\n"
    }.joined()
  }

  private func cpuLines(_ cpu: LoadStatistics) -> [(label: String, value: String)] {
    let percentiles = [cpu.p50, cpu.p90, cpu.p95, cpu.p99].map { decimal($0, 2) }
    let lags = cpu.autocorrelations.map { lag in
      "\(interval * lag.samples) \(decimal(lag.insideVM, 2)) (\(decimal(lag.pooled, 2)))"
    }
    return [
      (
        "CPU",
        "mean \(decimal(cpu.mean, 2)) %, standard deviation "
          + "\(decimal(cpu.standardDeviation, 2)) % of the VM's size"
      ),
      (
        "",
        "p50/p90/p95/p99 \(percentiles.joined(separator: " / ")) %, above 80 %: "
          + percent(cpu.shareAbove80)
      ),
      (
        "memory of load",
        lags.isEmpty
          ? "none" : "autocorrelation inside a VM (pooled) at " + lags.joined(separator: ", ")
      ),
      (
        "bursts",
        "\(decimal(cpu.burstsPerVMDay, 2)) rises by more than "
          + "\(Int(LoadStatistics.burstRise)) points per VM and day"
      ),
    ]
  }
}

/// A share as percent with two decimals.
private func percent(_ share: Double) -> String { decimal(share * 100, 2) + " %" }

/// A number with a fixed count of decimals, the same in every locale.
func decimal(_ value: Double, _ places: Int) -> String {
  guard value.magnitude < 1e15 else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<places { scale *= 10 }
  let scaled = Int64((value.magnitude * scale).rounded())
  let whole = scaled / Int64(scale)
  var text = value < 0 && scaled > 0 ? "-\(whole)" : "\(whole)"
  if places > 0 {
    let digits = String(scaled % Int64(scale))
    text += "." + String(repeating: "0", count: places - digits.count) + digits
  }
  return text
}
