// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import HDF5
public import Units

/// What happened to one VM around an instant, and why: forecasts, decisions with their inputs, and
/// what came of them, in words.
public struct RunStory: Sendable {
  /// Something that a reader of run files asked for and that is not there.
  public struct Problem: Error, Sendable, CustomStringConvertible {
    /// What is missing, with the nearest name there is.
    public var description: String
  }

  /// The story, a sentence a line.
  public private(set) var lines: [String]

  private struct Line {
    var time: SimTime
    var text: String
  }

  /// Reads a story.
  ///
  /// - Parameters:
  ///   - reader: The run file.
  ///   - vm: Name of the VM.
  ///   - time: The instant in question, since the start of the run.
  ///   - window: How much before and after it is told.
  /// - Throws: `HDF5Error` when the file cannot be read; ``Problem`` when it has no such VM.
  public init(_ reader: RunFileReader, vm: String, at time: SimTime, window: SimTime) throws {
    let events = try reader.events()
    let names = try reader.vmNames()
    let position = names.firstIndex(of: vm)
    guard position != nil || events.contains(where: { $0.vm == vm }) else {
      let near = nearestName(to: vm, in: names).map { "; did you mean \"\($0)\"?" } ?? ""
      throw Problem(description: "\(reader.path) knows no VM \"\(vm)\"\(near)")
    }
    let range = (time - window)...(time + window)
    let told = events.filter { $0.vm == vm && range.contains($0.time) }
    let before = events.last { $0.vm == vm && $0.kind == "decision" && $0.time < range.lowerBound }
    var lines: [Line] = []
    if let position {
      lines += try reader.forecasts(vmAt: position).filter { range.contains($0.issuedAt) }
        .map { Line(time: $0.issuedAt, text: Self.text($0)) }
    }
    lines += told.map { Line(time: $0.time, text: Self.text($0)) }
    // Stable: what happened at one instant stays in the order of the log, forecasts first.
    let sorted = lines.enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }.map(\.element)
    let provenance = try reader.provenance()
    self.lines = ["\(vm) at \(time), policy \(provenance.policy), seed \(provenance.seed)"]
    if let before {
      self.lines.append("before that, at \(before.time): \(Self.text(before))")
    }
    self.lines += sorted.map { "\($0.time)  \($0.text)" }
    if told.isEmpty { self.lines.append("no event of \(vm) within \(window) of that time") }
  }

  /// The whole story.
  public var text: String { lines.joined(separator: "\n") }

  private static func text(_ forecast: RunFileReader.Forecast) -> String {
    let ahead = spanText(forecast.horizonSeconds)
    let came = forecast.actual.isNaN ? "" : "; \(cores(Double(forecast.actual))) came"
    return "forecast \(ahead) ahead: \(cores(Double(forecast.mean))), 90 % between "
      + "\(number(Double(forecast.lower))) and \(number(Double(forecast.upper)))\(came)"
  }

  private static func text(_ event: RunEvent) -> String {
    switch event.kind {
    case "decision": return "decided to \(event.detail)\(because(event.rationale))"
    case "commandRefused": return "refused: \(event.detail)"
    case "overloadBegins": return "load exceeds the primary's capacity"
    case "overloadEnds": return "load is within the primary's capacity again"
    case "alert": return "alert, \(event.detail)"
    case "trafficShifted":
      return "traffic share of \(subject(event)) is \(percent(event.value))"
    default: break
    }
    let detail = event.detail.isEmpty ? "" : ": \(event.detail)"
    let place = event.host.isEmpty ? "" : " on \(event.host)"
    return "\(words(event.kind))\(event.shadow.map { " (shadow \($0))" } ?? "")\(place)\(detail)"
  }

  private static func subject(_ event: RunEvent) -> String {
    event.shadow.map { "shadow \($0)" } ?? event.vm
  }

  /// The inputs of a decision, those that played a part.
  private static func because(_ reason: CommandQueue.Rationale) -> String {
    var parts: [String] = []
    if reason.overloadProbability.isFinite {
      let within =
        reason.horizonSeconds.isFinite ? " within \(spanText(reason.horizonSeconds))" : ""
      parts.append("overload\(within) \(percent(reason.overloadProbability)) likely")
    }
    if reason.forecastCores.isFinite {
      parts.append("expected load \(cores(reason.forecastCores))")
    }
    if reason.upperCores.isFinite { parts.append("upper bound \(cores(reason.upperCores))") }
    if reason.leadTimeSeconds.isFinite {
      parts.append("lead time \(number(reason.leadTimeSeconds)) s")
    }
    if reason.expectedGainCoreSeconds.isFinite {
      parts.append("expected gain \(number(reason.expectedGainCoreSeconds)) core-seconds")
    }
    return parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
  }

  private static func cores(_ value: Double) -> String { "\(number(value)) cores" }
  private static func percent(_ share: Double) -> String { "\(number(share * 100)) %" }

  private static func spanText(_ seconds: Double) -> String {
    seconds >= 3600
      ? "\(number(seconds / 3600)) h"
      : seconds >= 60 ? "\(number(seconds / 60)) min" : "\(number(seconds)) s"
  }

  /// Three significant digits at most, no trailing zeros.
  private static func number(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    var scale = 1.0
    while abs(value) * scale < 100, scale < 1e6 { scale *= 10 }
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() && abs(rounded) < 1e15
      ? "\(Int64(rounded))" : "\(rounded)"
  }

  /// `shadowReady` as "shadow ready".
  private static func words(_ kind: String) -> String {
    kind.reduce(into: "") { text, letter in
      text += letter.isUppercase ? " \(letter.lowercased())" : String(letter)
    }
  }
}

/// An instant as scenarios write it: `02:00`, `1d 02:00`, `26 h`; nil when it is none.
public func instant(_ text: String) -> SimTime? { try? readInstant(text) }
