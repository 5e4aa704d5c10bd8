// SPDX-License-Identifier: Apache-2.0

/// What a policy wants of the shadows of one VM.
public struct ShadowGoal: Sendable, Hashable, Codable {
  /// Shadows with an equal part of the VM's load each.
  public var active: Int
  /// Further ones, suspended in memory and ready to be resumed.
  public var standby: Int

  /// So many of each, both ≥ 0.
  public init(active: Int, standby: Int) {
    precondition(active >= 0 && standby >= 0, "a goal of \(active) and \(standby) shadows")
    self.active = active
    self.standby = standby
  }

  /// No shadow at all.
  public static let none = ShadowGoal(active: 0, standby: 0)
  /// One shadow that stands by.
  public static let standby = ShadowGoal(active: 0, standby: 1)
  /// Only active shadows.
  public static func active(count: Int) -> ShadowGoal { ShadowGoal(active: count, standby: 0) }

  /// Number of shadows.
  public var count: Int { active + standby }
}
