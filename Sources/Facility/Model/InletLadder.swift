// SPDX-License-Identifier: Apache-2.0
import Units

/// The inlet temperatures at which something begins or ends for a rack.
///
/// Each rung is reached at `up` and left at `down`; a rack's state is the set of rungs it is on.
struct InletLadder: Sendable {
  /// What a rung stands for.
  enum Meaning: Sendable, Hashable {
    case recommended, allowable, throttle, critical, fanStep

    /// What the plant is told; nil: nothing.
    var transition: FacilityTransition.Kind? {
      switch self {
      case .recommended: .inletAboveRecommended
      case .allowable: .inletAboveAllowable
      case .throttle: .throttling
      case .critical: .criticalTemperature
      case .fanStep: nil
      }
    }
  }

  /// One rung.
  struct Rung: Sendable, Hashable {
    var up: Double
    var down: Double
    var meaning: Meaning
  }

  /// The rungs in a fixed order: limits, throttle, critical, then the fans' steps.
  let rungs: [Rung]

  /// Limits have no hysteresis but this, in K: it keeps rounding from making a rack at rest on a
  /// limit cross it again and again.
  private static let rounding = 1e-9
  private static let firstFanStep = 4

  init(room: RoomSpec) {
    let response = room.response
    let recommended = room.inletClass.recommended.upperBound
    let allowable = room.inletClass.allowable.upperBound
    func limit(_ up: Double, _ meaning: Meaning) -> Rung {
      Rung(up: up, down: up - Self.rounding, meaning: meaning)
    }
    func latch(_ up: Double, _ meaning: Meaning) -> Rung {
      Rung(up: up, down: up - response.hysteresis, meaning: meaning)
    }
    var rungs = [
      limit(recommended, .recommended), limit(allowable, .allowable),
      latch(response.throttle.value, .throttle), latch(response.critical.value, .critical),
    ]
    for k in 0..<response.steps {
      rungs.append(latch(response.start.value + Double(k) * response.step, .fanStep))
    }
    self.rungs = rungs
  }

  /// The lowest `up` among the rungs not in `engaged`, or nil.
  func nextUp(_ engaged: UInt32) -> Int? {
    var best: Int?
    for (index, rung) in rungs.enumerated() where engaged & (1 << UInt32(index)) == 0 {
      if rung.up < best.map({ rungs[$0].up }) ?? .infinity { best = index }
    }
    return best
  }

  /// The highest `down` among the rungs in `engaged`, or nil.
  func nextDown(_ engaged: UInt32) -> Int? {
    var best: Int?
    for (index, rung) in rungs.enumerated() where engaged & (1 << UInt32(index)) != 0 {
      if rung.down > best.map({ rungs[$0].down }) ?? -.infinity { best = index }
    }
    return best
  }

  /// The fans' step for a set of rungs.
  func fanStep(_ engaged: UInt32) -> Int { (engaged >> UInt32(Self.firstFanStep)).nonzeroBitCount }
}
