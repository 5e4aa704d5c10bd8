// SPDX-License-Identifier: Apache-2.0
import Units

/// A file of faults that cannot be used: where and why.
public struct FaultTraceError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file as it was named.
  public var file: String
  /// The line, counted from 1.
  public var line: Int
  /// The column it is about; may be empty.
  public var field: String
  /// What is wrong.
  public var message: String

  /// `file:line: field: message`.
  public var description: String {
    "\(file):\(line): " + (field.isEmpty ? message : "\(field): \(message)")
  }
}

/// Reads faults from comma-separated text with the header
/// `startSeconds,kind,target,durationSeconds`.
///
/// Kinds are those of the scenario's `faults.events`: `hostCrash` and `hostLink` (target: a host's
/// name), `rackSwitch` (a rack's number from 1), `uplink` (`RACK/NUMBER`), `telemetryGap` and
/// `managementRestart` (nothing), `telemetryDelay` and `clockSkew` (seconds). Rows may be in any order;
/// empty lines and lines that begin with `#` are skipped.
public enum FaultTraceReader {
  /// The columns, in their order.
  public static let columns = ["startSeconds", "kind", "target", "durationSeconds"]
  private static let kinds = [
    "hostCrash", "hostLink", "rackSwitch", "uplink", "telemetryGap", "telemetryDelay",
    "clockSkew", "managementRestart",
  ]
  /// Times beyond a century are taken for mistakes.
  private static let longestSeconds = 3.2e9

  /// The faults of a text.
  ///
  /// - Throws: ``FaultTraceError`` naming line and column.
  public static func faults(_ text: String, file: String, racks: [RackGroupSpec])
    throws(FaultTraceError) -> [Fault]
  {
    let names = FloorNames(racks)
    var faults: [Fault] = []
    var hasHeader = false
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(trimmed)
      guard fields != [""], !line.hasPrefix("#") else { continue }
      let row = Row(file: file, line: index + 1, fields: fields)
      guard hasHeader else {
        guard fields == columns else {
          throw row.error("", "expected the header \"\(columns.joined(separator: ","))\"")
        }
        hasHeader = true
        continue
      }
      faults.append(try fault(row, names))
    }
    return faults
  }

  private static func trimmed(_ field: Substring) -> String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    return String(field.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }

  private struct Row {
    var file: String
    var line: Int
    var fields: [String]

    func error(_ field: String, _ message: String) -> FaultTraceError {
      FaultTraceError(file: file, line: line, field: field, message: message)
    }

    func seconds(_ column: Int) throws(FaultTraceError) -> SimTime {
      guard let value = Double(fields[column]), value >= 0, value <= longestSeconds else {
        throw error(
          columns[column], "expected seconds of at least 0, found \"\(fields[column])\"")
      }
      return .seconds(value)
    }
  }

  private static func fault(_ row: Row, _ names: FloorNames) throws(FaultTraceError) -> Fault {
    guard row.fields.count == columns.count else {
      throw row.error("", "expected \(columns.count) columns, found \(row.fields.count)")
    }
    let start = try row.seconds(0)
    let target = try target(row, names)
    return Fault(target: target, start: start, end: start + (try row.seconds(3)))
  }

  private static func target(_ row: Row, _ names: FloorNames) throws(FaultTraceError)
    -> Fault.Target
  {
    func host() throws(FaultTraceError) -> Int {
      switch names.host(named: row.fields[2]) {
      case .success(let host): return host
      case .failure(let unknown): throw row.error("target", unknown.message)
      }
    }
    func rack(_ text: some StringProtocol) throws(FaultTraceError) -> Int {
      guard let number = Int(text) else {
        throw row.error("target", "expected the number of a rack, found \"\(text)\"")
      }
      switch names.rack(numbered: number) {
      case .success(let rack): return rack
      case .failure(let unknown): throw row.error("target", unknown.message)
      }
    }
    switch row.fields[1] {
    case "hostCrash": return .host(try host())
    case "hostLink": return .hostLink(try host())
    case "rackSwitch": return .rackSwitch(try rack(row.fields[2]))
    case "uplink":
      let parts = row.fields[2].split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2, let number = Int(parts[1]), (1...64).contains(number) else {
        throw row.error("target", "expected RACK/NUMBER, found \"\(row.fields[2])\"")
      }
      return .uplink(rack: try rack(parts[0]), index: number - 1)
    case "telemetryGap": return .telemetryGap
    case "clockSkew":
      guard let seconds = Double(row.fields[2]), abs(seconds) <= 86_400 else {
        throw row.error("target", "expected seconds within a day, found \"\(row.fields[2])\"")
      }
      return .clockSkew(.seconds(seconds))
    case "managementRestart": return .managementRestart
    case "telemetryDelay":
      return .telemetryDelay(try row.seconds(2))
    default:
      let near = nearestName(to: row.fields[1], in: kinds).map { "; did you mean \"\($0)\"?" }
      throw row.error(
        "kind", "no kind \"\(row.fields[1])\"\(near ?? "; known: \(kinds.joined(separator: ", "))")"
      )
    }
  }
}
