// SPDX-License-Identifier: Apache-2.0
import Foundation
import MigrationModels
import Testing
import Units

@Suite("A planner's question about a migration")
struct MigrationQuestionTests {
  static func example() -> MigrationQuestion {
    var spec = MigrationPreset.qemu.spec
    spec.transport.capBytesPerSecond = 1e8
    return MigrationQuestion(
      memory: MigratingMemory(
        ram: .mebibytes(512), nonzero: Bytes(406e6),
        cold: WorkingSet(size: .mebibytes(256), dirtyRate: BytesPerSecond(41_943_040))),
      spec: spec, link: .bitsPerSecond(8e8))
  }

  @Test("the timeline starts at the request, ends at the end, and never goes back")
  func timeline() throws {
    let answer = try Self.example().answer()
    #expect(answer.points.first?.timeSeconds == 0)
    #expect(answer.points.last?.phase == .done)
    #expect(answer.points.last?.timeSeconds == answer.totalSeconds)
    #expect(answer.points.last?.sentBytes == answer.bytes)
    for (earlier, later) in zip(answer.points, answer.points.dropFirst()) {
      #expect(later.timeSeconds >= earlier.timeSeconds)
      #expect(later.sentBytes >= earlier.sentBytes)
    }
    #expect(answer.rule == .downtimeLimit)
  }

  @Test("JSON and back gives the same timeline")
  func json() throws {
    let answer = try Self.example().answer()
    let data = try JSONEncoder().encode(answer)
    #expect(try JSONDecoder().decode(MigrationTimeline.self, from: data) == answer)
  }

  @Test("the text names the figures and has a line for every point")
  func text() throws {
    let answer = try Self.example().answer()
    let lines = answer.text.split(separator: "\n")
    #expect(lines.first == "total        \(String(format: "%.3f", answer.totalSeconds)) s")
    #expect(lines.contains { $0.hasPrefix("ended by     downtimeLimit, switchedOver") })
    #expect(lines.count == 7 + answer.points.count)
  }

  @Test("a diverging migration's timeline stays short and says what it leaves out")
  func long() throws {
    var question = Self.example()
    question.spec = MigrationPreset.simgrid.spec
    question.memory.cold.dirtyRateBytesPerSecond = 2e8
    let answer = try question.answer()
    #expect(answer.rule == .timeout)
    #expect(answer.ending == .aborted)
    #expect(answer.isForced)
    #expect(answer.totalSeconds == 1e7)
    #expect(answer.points.count < 600)
    // All rounds send the whole working set at 100 MB/s, for 1e7 s.
    #expect(abs(answer.bytes / 1e15 - 1) < 1e-6)
    #expect(abs(Double(answer.rounds) / (1e15 / 268_435_456) - 1) < 1e-3)
  }

  @Test("jumping over equal rounds ends where single rounds end")
  func jump() throws {
    var spec = MigrationPreset.simgrid.spec
    spec.stop.timeout = .seconds(3000)
    let memory = Self.example().memory
    var diverging = memory
    diverging.cold.dirtyRateBytesPerSecond = 2e8
    var question = MigrationQuestion(
      memory: diverging, spec: spec, link: BytesPerSecond(1e8))
    let jumped = try question.answer()
    // A request that comes too late to matter keeps the question from jumping.
    question.cancelAfter = .hours(1)
    let stepped = try question.answer()
    #expect(jumped.totalSeconds == stepped.totalSeconds)
    #expect(jumped.rounds == stepped.rounds)
    #expect(abs(jumped.bytes / stepped.bytes - 1) < 1e-9)
  }

  @Test("an unknown preset is named with the nearest one; no bandwidth is no answer")
  func errors() {
    #expect(throws: MigrationQuestionError.unknownPreset("quemu", nearest: "qemu")) {
      try MigrationQuestion.spec(preset: "quemu")
    }
    #expect(throws: MigrationQuestionError.noBandwidth) {
      var question = Self.example()
      question.spec = MigrationPreset.simgrid.spec
      question.link = nil
      _ = try question.answer()
    }
    #expect(throws: MigrationQuestionError.noBandwidth) {
      var question = Self.example()
      question.link = .zero
      _ = try question.answer()
    }
    #expect(throws: MigrationQuestionError.noEnd) {
      var question = Self.example()
      question.link = BytesPerSecond(0.01)
      _ = try question.answer()
    }
  }

  @Test("parameters left out are those of the preset")
  func parameters() {
    var source = DefaultParameters()
    #expect(MigrationSpec(from: &source) == MigrationPreset.qemu.spec)
    #expect(Set(MigrationPreset.all.map(\.name)).count == MigrationPreset.all.count)
  }
}
