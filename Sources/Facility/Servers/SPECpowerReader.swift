// SPDX-License-Identifier: Apache-2.0
import Units

/// Reads tables of SPECpower_ssj2008 results.
///
/// Comma-separated with a header and quotes where fields hold commas; lines that begin with `#` are
/// remarks. The system is in `HW_Vendor` and `HW_Model`, or in `system`; power in W in `W_idle`,
/// `W_10`, … `W_100`. Optional: `HW_CPUsEnabled` ("56 cores, 2 chips, …"), `HW_MemAmountGB`,
/// `Publication`. Numbers are © Standard Performance Evaluation Corporation.
public enum SPECpowerReader {
  /// One published result.
  public struct Result: Sendable, Hashable {
    /// Vendor; empty when the table joins it with the model.
    public var vendor: String
    /// Model as published.
    public var system: String
    /// Date of publication, or the result's number; may be empty.
    public var publication: String
    /// Cores enabled; nil when the table doesn't say or says nonsense.
    public var cores: Double?
    /// Memory in GiB; nil when the table doesn't say or says nonsense.
    public var gibibytes: Double?
    /// Power at idle, 10, … 100 % load in W.
    public var watts: [Double]
  }

  private static let powerColumns = ["W_idle"] + (1...10).map { "W_\($0 * 10)" }

  /// All results of a file, in its order.
  ///
  /// - Throws: ``FacilityFileError`` naming line and column.
  public static func read(_ text: String, file: String) throws(FacilityFileError) -> [Result] {
    var lines = LineReader(text)
    var header: [String] = []
    var results: [Result] = []
    while let line = lines.next() {
      if line.isEmpty || line.hasPrefix("#") { continue }
      let fields = splitQuoted(line)
      if header.isEmpty {
        header = fields
        for column in powerColumns where !header.contains(column) {
          throw FacilityFileError(
            file: file, line: lines.number, message: "there is no column \"\(column)\"")
        }
        continue
      }
      guard fields.count == header.count else {
        throw FacilityFileError(
          file: file, line: lines.number,
          message: "expected \(header.count) fields, found \(fields.count)")
      }
      results.append(try result(fields, header: header, file: file, line: lines.number))
    }
    return results
  }

  private static func result(
    _ fields: [String], header: [String], file: String, line: Int
  ) throws(FacilityFileError) -> Result {
    func text(_ column: String) -> String? {
      header.firstIndex(of: column).map { fields[$0].trimmed }
    }
    var watts: [Double] = []
    for column in powerColumns {
      let found = text(column) ?? ""
      guard let value = Double(found), (0...1e6).contains(value) else {
        throw FacilityFileError(
          file: file, line: line, field: column, message: "expected watts, found \"\(found)\"")
      }
      watts.append(value)
    }
    let cores = text("HW_CPUsEnabled")?.split(separator: " ").first.flatMap { Double($0) }
    let gibibytes = text("HW_MemAmountGB").flatMap { Double($0) }
    func plausible(_ value: Double?) -> Double? {
      value.flatMap { (0.1...1e6).contains($0) ? $0 : nil }
    }
    return Result(
      vendor: text("HW_Vendor") ?? "", system: text("HW_Model") ?? text("system") ?? "",
      publication: text("Publication") ?? text("spec_result") ?? "",
      cores: plausible(cores), gibibytes: plausible(gibibytes), watts: watts)
  }

  /// Fields between commas; a field in double quotes may hold commas, and a doubled quote one.
  private static func splitQuoted(_ line: Substring) -> [String] {
    var fields: [String] = []
    var field = ""
    var isQuoted = false
    var last: Character?
    for character in line {
      if character == "\"" {
        if !isQuoted, last == "\"" { field.append("\"") }
        isQuoted.toggle()
      } else if character == ",", !isQuoted {
        fields.append(field)
        field = ""
      } else {
        field.append(character)
      }
      last = character
    }
    return fields + [field]
  }
}

extension PublishedServer {
  /// The server whose result this is, among `results`.
  ///
  /// `base` gives what a result does not say (power in other states); zero watts there mean: as the
  /// curve has it.
  /// - Throws: ``FacilityFileError`` when no result fits (with the nearest name), or several do.
  public func resolve(
    in results: [SPECpowerReader.Result], base: ServerModel
  ) throws(FacilityFileError) -> ServerModel {
    let wanted = system.lowercased()
    var matches = results.filter {
      $0.system.lowercased() == wanted || "\($0.vendor) \($0.system)".lowercased() == wanted
    }
    if !publication.isEmpty { matches = matches.filter { $0.publication == publication } }
    guard let match = matches.first else {
      let nearest = nearestName(to: system, in: results.map(\.system))
      let hint = nearest.map { "; did you mean \"\($0)\"?" } ?? ""
      let date = publication.isEmpty ? "" : " published \(publication)"
      throw FacilityFileError(
        file: file, line: 0, field: system, message: "there is no such result\(date)\(hint)")
    }
    guard matches.count == 1 else {
      let dates = matches.map { "\"\($0.publication)\"" }.joined(separator: ", ")
      throw FacilityFileError(
        file: file, line: 0, field: system,
        message: "\(matches.count) results; choose by \"publication\": \(dates)")
    }
    return try model(of: match, base: base)
  }

  private func model(
    of result: SPECpowerReader.Result, base: ServerModel
  ) throws(FacilityFileError) -> ServerModel {
    let curve = ServerPowerCurve.table(PowerTable(watts: result.watts))
    if let defect = curve.defect {
      throw FacilityFileError(file: file, line: 0, field: system, message: defect)
    }
    guard let cores = cores ?? result.cores, let memory = gibibytes ?? result.gibibytes else {
      throw FacilityFileError(
        file: file, line: 0, field: system,
        message: "the file does not say cores and memory; give \"cores\" and \"memory\"")
    }
    var model = base
    model.name = system
    model.about = "\(result.vendor) \(result.system), SPECpower_ssj2008 \(result.publication)"
    model.cores = Cores(cores)
    model.memory = .gibibytes(memory)
    model.curve = curve
    if model.bootPower == .zero { model.bootPower = curve.peakPower }
    if model.wakePower == .zero { model.wakePower = curve.peakPower }
    if model.shutdownPower == .zero { model.shutdownPower = curve.idlePower }
    return model
  }
}

extension ServerSpec {
  /// The server with everything known, reading the file that names it if there is one.
  ///
  /// - Parameter readFile: returns the text of a file named in the scenario.
  /// - Returns: the server.
  /// - Throws: ``FacilityFileError``, or what `readFile` throws.
  public func resolved(readFile: (String) throws -> String) throws -> ServerModel {
    guard let published else { return model }
    let results = try SPECpowerReader.read(try readFile(published.file), file: published.file)
    return try published.resolve(in: results, base: model)
  }
}

extension String {
  /// The text without spaces at its ends.
  fileprivate var trimmed: String {
    var view = Substring(self)
    while view.first == " " { view.removeFirst() }
    while view.last == " " { view.removeLast() }
    return String(view)
  }
}
