// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Units

/// Writes what the program is told, one line a message.
struct Messages: Sendable {
  private let inventory: Inventory

  init(_ inventory: Inventory) { self.inventory = inventory }

  private func vm(_ id: VMID) -> String { inventory.vms[id.index].name }
  private func host(_ id: HostID) -> String { inventory.hosts[id.index].name }

  /// The first line: what there is, and what the scenario says.
  func hello(_ parameters: [ExternalPolicy.Parameter]) -> [UInt8] {
    JSONWriter.line { line in
      line.member("type", "hello")
      line.member("protocol", ReplyReader.version)
      line.member("seed", inventory.seed)
      line.object("parameters") {
        for parameter in parameters { $0.member(parameter.name, json: parameter.json) }
      }
      line.object("inventory") { write(into: &$0) }
    }
  }

  private func write(into line: inout JSONWriter) {
    line.member("telemetryIntervalNs", inventory.telemetryInterval.nanoseconds)
    line.member("decisionPeriodNs", inventory.decisionPeriod.nanoseconds)
    line.member("sampleIntervalNs", inventory.sampleInterval.nanoseconds)
    line.member("typicalShadowLeadTimeNs", inventory.typicalShadowLeadTime.nanoseconds)
    line.list("vms", of: inventory.vms) {
      $0.member("name", $1.name)
      $0.member("profile", $1.profile)
      $0.member("capacityCores", $1.capacity.value)
      $0.member("memoryBytes", $1.memory.value)
    }
    line.list("hosts", of: inventory.hosts) {
      $0.member("name", $1.name)
      $0.member("rack", inventory.racks[$1.rack.index].name)
      $0.member("cores", $1.cores.value)
      $0.member("memoryBytes", $1.memory.value)
      $0.member("bootTimeNs", $1.bootTime.nanoseconds)
      $0.member("powerWatts", $1.powerWatts)
    }
    line.list("racks", of: inventory.racks) {
      $0.member("name", $1.name)
      $0.member("hosts", $1.hosts.map { host($0) } as [String?])
    }
    line.list("maintenance", of: inventory.maintenance) {
      $0.member("hosts", $1.hosts.map { host($0) } as [String?])
      $0.member("startNs", $1.start.nanoseconds)
      $0.member("endNs", $1.end.nanoseconds)
    }
  }

  /// A round: what has come in since the last one.
  func round(
    _ number: Int, reason: RoundReason, at now: SimTime, _ news: News
  ) -> [UInt8] {
    JSONWriter.line { line in
      line.member("type", "round")
      line.member("round", number)
      line.member("reason", reason.rawValue)
      line.member("timeNs", now.nanoseconds)
      line.list("telemetry", of: news.frames) { write($1, into: &$0) }
      line.list("outcomes", of: news.outcomes) { write($1, into: &$0) }
      line.list("incidents", of: news.incidents) { write($1, into: &$0) }
    }
  }

  /// The last line.
  func bye(at now: SimTime) -> [UInt8] {
    JSONWriter.line { line in
      line.member("type", "bye")
      line.member("timeNs", now.nanoseconds)
    }
  }

  private func write(_ frame: TelemetryFrame, into line: inout JSONWriter) {
    line.member("takenAtNs", frame.takenAt.nanoseconds)
    line.member("arrivedAtNs", frame.arrivedAt.nanoseconds)
    line.member("offeredCores", frame.offeredCores)
    line.member("usedCores", frame.usedCores)
    line.member("memoryBytes", frame.memoryBytes)
    line.member("networkBytesPerSecond", frame.networkBytesPerSecond)
    line.member("diskBytesPerSecond", frame.diskBytesPerSecond)
    line.member("hostOfVM", frame.hostOfVM.map { $0 < 0 ? nil : host(HostID($0)) })
    line.member("hostUsedCores", frame.hostUsedCores)
    line.member("hostFreeMemoryBytes", frame.hostFreeMemoryBytes)
    line.member("hostIsAvailable", frame.hostIsAvailable)
    line.member("rackPowerWatts", frame.rackPowerWatts)
    line.member("rackInletCelsius", frame.rackInletCelsius)
    line.list("shadows", of: frame.shadows) {
      $0.member("shadow", $1.id.number)
      $0.member("vm", vm($1.vm))
      $0.member("host", host($1.host))
      $0.member("state", $1.state.rawValue)
    }
  }

  private func write(_ news: News.Outcome, into line: inout JSONWriter) {
    line.member("command", news.command)
    var shadow: ShadowID?
    switch news.outcome.result {
    case .accepted(let id):
      line.member("result", "accepted")
      shadow = id
    case .done(let id):
      line.member("result", "done")
      shadow = id
    case .refused(let reason):
      line.member("result", "refused")
      line.member("reason", reason.rawValue)
    case .failed(let reason, let id):
      line.member("result", "failed")
      line.member("reason", reason.rawValue)
      shadow = id
    }
    if let shadow { line.member("shadow", shadow.number) }
    line.member("atNs", news.outcome.at.nanoseconds)
  }

  private func write(_ news: News.Incident, into line: inout JSONWriter) {
    switch news.what {
    case nil: line.member("type", "managementRestarted")
    case .shadowLost(let shadow):
      line.member("type", "shadowLost")
      line.member("shadow", shadow.number)
    case .vmDown(let id):
      line.member("type", "vmDown")
      line.member("vm", vm(id))
    case .vmUp(let id, let place):
      line.member("type", "vmUp")
      line.member("vm", vm(id))
      line.member("host", host(place))
    case .hostFailed(let id):
      line.member("type", "hostFailed")
      line.member("host", host(id))
    case .hostRecovered(let id):
      line.member("type", "hostRecovered")
      line.member("host", host(id))
    }
    line.member("atNs", news.at.nanoseconds)
  }
}

/// Why a round is held.
enum RoundReason: String {
  /// The decision period is over, or the time has come that the program asked for.
  case decision
  /// A command's outcome; only for programs that answer events.
  case outcome
  /// Something that nobody ordered; only for programs that answer events.
  case incident
}

/// What has come in since the last round, in the order in which it came.
struct News: Sendable {
  /// What became of one of the program's commands.
  struct Outcome: Sendable {
    /// Number of the command: how many the program had given before it.
    var command: Int
    var outcome: CommandOutcome
  }
  /// Something that nobody ordered.
  struct Incident: Sendable {
    /// What happened; nil for a restart of the management server.
    var what: ControlPlane.Incident?
    var at: SimTime
  }
  var frames: [TelemetryFrame] = []
  var outcomes: [Outcome] = []
  var incidents: [Incident] = []
}
