// SPDX-License-Identifier: Apache-2.0
import ControlPlane
import Foundation
import GRDB
import PVMS
import SQLiteStore
import SimulationKernel
import Testing
import Units

/// PVMS with its durable store: as with the one in memory, and still there afterwards.
@Suite("PVMS and its SQLite store")
struct PVMSInSQLiteTests {
  private static func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "store-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  private func center(_ store: any PolicyStore, vms: Int = 3) -> HandMadeCenter {
    let loads = [Double](repeating: 0.5, count: vms)
    return HandMadeCenter(hosts: 4, hostOfVM: loads.map { _ in 0 }, loads: loads) { inventory in
      let forecast = FixedForecast(means: loads, next: 0.2, withinHour: 0.4)
      return DurablePVMS(
        PVMS(
          parameters: parameters { $0.fallsBack = true }, inventory: inventory,
          forecaster: forecast, risk: forecast), store: store)
    }
  }

  /// A minute of random loads, some missing.
  private func step(_ centers: inout [HandMadeCenter], minute: Int, _ stream: inout RandomStream) {
    let loads = centers[0].loads.map { _ in
      stream.bernoulli(0.1) ? .nan : 2 * stream.uniform()
    }
    let now = SimTime.minutes(minute) + .seconds(1)
    for index in centers.indices {
      centers[index].loads = loads
      centers[index].decide(at: now)
      centers[index].carryOut(at: now)
    }
  }

  private func bits(_ samples: [UsageSample]) -> [[UInt64]] {
    samples.map { sample in
      [UInt64(sample.start.nanoseconds), UInt64(sample.span.nanoseconds)]
        + [
          sample.cpuCores, sample.memoryBytes, sample.networkBytesPerSecond,
          sample.diskBytesPerSecond,
        ].flatMap { [UInt64($0.count)] + $0.map(\.bitPattern) }
    }
  }

  @Test("holds what the store in memory holds, bit by bit, after every hour", arguments: 1...4)
  func sameAsMemory(seed: UInt64) throws {
    try Self.withFolder { folder in
      let retention = Retention(full: .hours(2), span: .minutes(30), means: .hours(5))
      let memory = SharedStore(retention: retention)
      let file = try SQLiteStore(
        path: folder.appending(path: "a.sqlite").path, retention: retention)
      var centers = [center(memory), center(file)]
      var stream = RandomStream(seed: seed, purpose: "test/store")
      for minute in 0..<10 * 60 {
        step(&centers, minute: minute, &stream)
        guard minute % 60 == 59 else { continue }
        let from = SimTime.minutes(stream.integer(below: minute))
        let kept = memory.history(from: from, to: .minutes(minute))
        #expect(bits(try file.history(from: from, to: .minutes(minute))) == bits(kept))
        #expect(try file.journal().count == memory.journal().count)
      }
      #expect(centers[0].orders == centers[1].orders)
      #expect(centers[0].orders.contains { if case .createShadow = $0 { true } else { false } })
    }
  }

  @Test("a process that is killed is continued by another one from its file", arguments: 1...6)
  func killed(seed: UInt64) throws {
    try Self.withFolder { folder in
      let path = folder.appending(path: "a.sqlite").path
      var centers = [center(SharedStore()), center(try SQLiteStore(path: path))]
      var stream = RandomStream(seed: seed, purpose: "test/store/killed")
      let end = 60 + stream.integer(below: 120)
      for minute in 0..<end { step(&centers, minute: minute, &stream) }
      // The file as it is while the process still has it open: what a kill leaves.
      let copy = folder.appending(path: "b.sqlite").path
      for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
        try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
      }
      centers[1].policy = center(try SQLiteStore(path: copy)).policy
      for minute in end..<end + 90 { step(&centers, minute: minute, &stream) }
      #expect(centers[0].orders == centers[1].orders, "killed after \(end) min")
    }
  }

  @Test("a damaged checkpoint is reported; the policy starts with nothing")
  func damaged() throws {
    try Self.withFolder { folder in
      let path = folder.appending(path: "a.sqlite").path
      var centers = [center(try SQLiteStore(path: path))]
      var stream = RandomStream(seed: 1, purpose: "test/store/damaged")
      for minute in 0..<20 { step(&centers, minute: minute, &stream) }
      try DatabaseQueue(path: path).write {
        try $0.execute(sql: "UPDATE checkpoint SET state = substr(state, 1, 1000)")
      }
      var next = center(try SQLiteStore(path: path))
      next.decide(at: .seconds(15))
      let alerts = next.commands.entries.compactMap { entry -> Alert.Kind? in
        guard case .raiseAlert(let alert) = entry.command else { return nil }
        return alert.kind
      }
      #expect(alerts == [.storeFailed])
    }
  }
}
