// SPDX-License-Identifier: Apache-2.0
public import Units

/// Which server a scenario asks for: one of the catalogue, one of a SPECpower file, or its own.
///
/// `server: dell-r640-2021`, `server: { dell-r640-2021: { bootTime: 90 s } }`,
/// `server: { specpower: { file: specpower_all.csv, system: "PowerEdge R640" } }` and
/// `server: { custom: { cores: 32, memory: 128 GiB, curve: { linear: { idle: 90 W } } } }`.
public struct ServerSpec: Sendable, Hashable {
  /// The server; for one of a file, what the scenario gives of it (the curve is read later).
  public var model: ServerModel
  /// Where the power curve, cores and memory are to be read from, if not from ``model``.
  public var published: PublishedServer?

  /// A server that is known already.
  public init(model: ServerModel) { self.model = model }

  /// Reads the key `server`.
  public init<Source: ParameterSource>(from source: inout Source) {
    self = source.alternative(
      "server", default: ServerCatalog.defaultName, of: Self.alternatives(),
      about: "kind of server; all hosts of a rack are alike")
  }

  /// Every way to name a server: the catalogue, then `specpower` and `custom`.
  public static func alternatives<Source: ParameterSource>() -> [Alternative<Source, ServerSpec>] {
    let catalogue = ServerCatalog.all.map { model in
      Alternative<Source, ServerSpec>(model.name, about: model.about) { source in
        ServerSpec(model: ServerModel(overriding: model, from: &source))
      }
    }
    return catalogue + [
      Alternative("specpower", about: "a published SPECpower result, read from a CSV file") {
        PublishedServer.spec(from: &$0)
      },
      Alternative("custom", about: "a server described here") { source in
        ServerSpec(model: ServerModel(customFrom: &source))
      },
    ]
  }
}

extension ServerModel {
  /// `model` with what the scenario says otherwise.
  init(overriding model: ServerModel, from source: inout some ParameterSource) {
    self = model
    cores = Cores(
      source.quantity(
        "cores", .cores, default: model.cores.value, in: 1...100_000, about: "CPU capacity"))
    memory = Bytes(
      source.quantity(
        "memory", .data, default: model.memory.value, in: 1e6...1e18, about: "memory capacity"))
    readStates(from: &source)
  }

  /// A server that the scenario describes itself.
  init(customFrom source: inout some ParameterSource) {
    let cores = source.quantity(
      "cores", .cores, default: 32, in: 1...100_000, about: "CPU capacity")
    let memory = source.quantity(
      "memory", .data, default: Bytes.gibibytes(128).value, in: 1e6...1e18,
      about: "memory capacity")
    let curve = ServerPowerCurve(from: &source)
    self.init(
      name: "custom", about: "described in the scenario", cores: Cores(cores),
      memory: Bytes(memory), curve: curve)
    readStates(from: &source)
  }

  /// Reads power and duration of the states other than "on".
  mutating func readStates(from source: inout some ParameterSource) {
    func watts(
      _ key: String, _ fallback: Watts, _ about: String, _ source: inout some ParameterSource
    )
      -> Watts
    {
      Watts(
        source.quantity(key, .power, default: fallback.value, in: 0...100_000, about: about))
    }
    offPower = watts("offPower", offPower, "power when switched off (S5)", &source)
    sleepPower = watts("sleepPower", sleepPower, "power when suspended to memory (S3)", &source)
    bootPower = watts("bootPower", bootPower, "power while booting", &source)
    shutdownPower = watts("shutdownPower", shutdownPower, "power while shutting down", &source)
    wakePower = watts("wakePower", wakePower, "power while waking up", &source)
    bootTime = source.time("bootTime", default: bootTime, about: "from power-on to running VMs")
    shutdownTime = source.time(
      "shutdownTime", default: shutdownTime, about: "from the power-off command to off")
    suspendTime = source.time(
      "suspendTime", default: suspendTime, about: "from the suspend command to sleep")
    wakeTime = source.time("wakeTime", default: wakeTime, about: "from sleep to running VMs")
  }
}
