// SPDX-License-Identifier: Apache-2.0
import Units

extension ReplayError {
  /// One line for people.
  public var description: String {
    switch self {
    case .unknownName(let kind, let name, let known):
      let near = nearestName(to: name, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
      return "there is no \(kind) \"\(name)\"\(near) Known: \(known.joined(separator: ", "))"
    case .badParameter(let detector, let text):
      return "\(detector): expected a positive number after the colon, found \"\(text)\""
    case .shortTrace(let file, let samples):
      let needed = ReplayTrace.samplesPerDay
      return "\(file): expected \(needed) five-minute samples a VM, found \(samples)"
    case .badCount(let name, let value):
      return "\(name): expected 1 … 10000000, found \(value)"
    case .noRoom(let vm, let hosts):
      return "none of the \(hosts) hosts has room for VM \(vm) at the start; use more hosts"
    }
  }
}
