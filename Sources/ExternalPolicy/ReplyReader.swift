// SPDX-License-Identifier: Apache-2.0
package import ControlPlane
package import Units

/// What the program answers to `hello`.
package struct HelloReply: Equatable {
  /// Whether every outcome and incident is to be a round of its own.
  package var answersEvents: Bool
}

/// What the program answers to a round.
package struct RoundReply {
  /// One order, with the reason given for it.
  package struct Order {
    /// The order.
    package var command: Command
    /// The reason.
    package var rationale: CommandQueue.Rationale
  }
  /// The orders, in the order in which they are to be carried out.
  package var orders: [Order]
  /// When the program wants to be asked beside the regular decisions.
  package var wakeTime: SimTime?
}

/// Reads the program's lines.
package struct ReplyReader: Sendable {
  /// The version of the protocol that this is.
  package static let version: Int64 = 1
  private let vms: NameTable
  private let hosts: NameTable
  private let racks: NameTable

  /// A reader that knows the names of the inventory.
  package init(_ inventory: Inventory) {
    vms = NameTable("VM", inventory.vms.map(\.name))
    hosts = NameTable("host", inventory.hosts.map(\.name))
    racks = NameTable("rack", inventory.racks.map(\.name))
  }

  /// The answer to `hello`.
  package func hello(_ line: [UInt8]) throws(ReplyProblem) -> HelloReply {
    var fields = try ReplyFields(JSONNode.read(line), path: "")
    let found = try fields.wholeNumber("protocol")
    guard found == Self.version else {
      throw ReplyProblem(
        key: "protocol",
        message: "expected \(Self.version), the version spoken here, found \(found ?? 0)")
    }
    let reply = HelloReply(answersEvents: try fields.flag("answersEvents", default: false))
    try fields.finish()
    return reply
  }

  /// The answer to a round.
  package func round(_ line: [UInt8]) throws(ReplyProblem) -> RoundReply {
    var fields = try ReplyFields(JSONNode.read(line), path: "")
    var orders: [RoundReply.Order] = []
    switch fields.value("commands") {
    case nil: break
    case .list(let elements):
      for (index, element) in elements.enumerated() {
        orders.append(try order(element, path: "commands[\(index)]"))
      }
    case let other?:
      throw ReplyProblem(
        key: "commands", message: "expected a list of commands, found \(other.summary)")
    }
    let wake = try fields.wholeNumber("wakeAtNs", isRequired: false)
    try fields.finish()
    return RoundReply(orders: orders, wakeTime: wake.map { SimTime(nanoseconds: $0) })
  }

  private func order(_ node: JSONNode, path: String) throws(ReplyProblem) -> RoundReply.Order {
    var fields = try ReplyFields(node, path: path)
    let name = try fields.choice("command", of: CommandName.self)
    let command = try command(name, &fields)
    var rationale = CommandQueue.Rationale()
    if let because = fields.value("because") {
      rationale = try self.rationale(because, path: fields.path(of: "because"))
    }
    try fields.finish()
    return RoundReply.Order(command: command, rationale: rationale)
  }

  /// Reads what a command of that name needs.
  private func command(_ name: CommandName, _ fields: inout ReplyFields) throws(ReplyProblem)
    -> Command
  {
    switch name {
    case .createShadow:
      .createShadow(
        vm: VMID(try fields.position("vm", in: vms) ?? 0),
        size: try fraction("size", &fields, default: 1),
        thenSuspend: try fields.flag("thenSuspend", default: false),
        avoiding: try fields.positions("avoiding", in: hosts).map { HostID($0) })
    case .resizeShadow:
      .resizeShadow(try shadow(&fields), size: try fraction("size", &fields))
    case .suspendShadow: .suspendShadow(try shadow(&fields))
    case .resumeShadow: .resumeShadow(try shadow(&fields))
    case .terminateShadow: .terminateShadow(try shadow(&fields))
    case .shiftTraffic:
      .shiftTraffic(try shadow(&fields), share: try fraction("share", &fields))
    case .migrate:
      .migrate(
        VMID(try fields.position("vm", in: vms) ?? 0),
        destination: try fields.position("destination", in: hosts, isRequired: false).map {
          HostID($0)
        },
        reason: try fields.choice("reason", of: MigrationReason.self))
    case .resizePrimary:
      .resizePrimary(
        VMID(try fields.position("vm", in: vms) ?? 0),
        capacity: Cores(try fields.number("capacityCores", in: 0...1e9)))
    case .powerHost:
      .powerHost(
        HostID(try fields.position("host", in: hosts) ?? 0),
        try fields.choice("target", of: PowerTarget.self))
    case .powerRack:
      .powerRack(
        RackID(try fields.position("rack", in: racks) ?? 0),
        try fields.choice("target", of: PowerTarget.self))
    case .setSupplyTemperature:
      .setSupplyTemperature(Celsius(try fields.number("celsius", in: -50...100)))
    case .raiseAlert:
      .raiseAlert(
        Alert(
          kind: try fields.choice("kind", of: Alert.Kind.self),
          vm: try fields.position("vm", in: vms, isRequired: false).map { VMID($0) },
          host: try fields.position("host", in: hosts, isRequired: false).map { HostID($0) },
          reason: try fields.text("reason")))
    }
  }

  private func shadow(_ fields: inout ReplyFields) throws(ReplyProblem) -> ShadowID {
    ShadowID(Int(try fields.wholeNumber("shadow") ?? 0))
  }

  private func fraction(_ key: String, _ fields: inout ReplyFields, default fallback: Double? = nil)
    throws(ReplyProblem) -> Fraction
  {
    Fraction(try fields.number(key, in: 0...1, default: fallback))
  }

  private func rationale(_ node: JSONNode, path: String) throws(ReplyProblem)
    -> CommandQueue.Rationale
  {
    var fields = try ReplyFields(node, path: path)
    let any = -1e300...1e300
    let rationale = CommandQueue.Rationale(
      forecastCores: try fields.number("forecastCores", in: any, default: .nan),
      upperCores: try fields.number("upperCores", in: any, default: .nan),
      overloadProbability: try fields.number("overloadProbability", in: 0...1, default: .nan),
      horizonSeconds: try fields.number("horizonSeconds", in: any, default: .nan),
      leadTimeSeconds: try fields.number("leadTimeSeconds", in: any, default: .nan),
      expectedGainCoreSeconds: try fields.number(
        "expectedGainCoreSeconds", in: any, default: .nan))
    try fields.finish()
    return rationale
  }
}

/// The commands by the names that the protocol gives them: one for each case of `Command`.
package enum CommandName: String, CaseIterable {
  case createShadow, resizeShadow, suspendShadow, resumeShadow, terminateShadow, shiftTraffic
  case migrate, resizePrimary, powerHost, powerRack, setSupplyTemperature, raiseAlert
}
