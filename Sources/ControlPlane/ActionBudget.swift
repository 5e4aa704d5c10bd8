// SPDX-License-Identifier: Apache-2.0
public import Units

/// Bounds how often something is done to each VM: at most so many times in any hour.
///
/// A part is kept back from what can wait, such as giving shadows up, so that helping a VM is never
/// refused because of what was tidied up before.
public struct ActionBudget: Sendable, Codable {
  /// Actions of one VM in any hour, at most.
  public let limit: Int
  /// Actions of the last hour, oldest first, one list a VM.
  private var times: [[SimTime]]
  private static let window = SimTime.hours(1)

  /// A limit that leaves room for help and bounds flapping: making a shadow, giving it traffic and
  /// giving it up again take four commands and a few more as others join, so each shadow that a VM
  /// may have gets fifteen; a VM has sixty at least.
  public static func usualLimit(shadows: Int) -> Int { max(60, 15 * shadows) }

  /// A budget of which nothing has been used.
  public init(vmCount: Int, limit: Int) {
    precondition(limit > 0, "a limit of \(limit) actions")
    self.limit = limit
    times = [[SimTime]](repeating: [], count: vmCount)
  }

  /// Whether `count` more are allowed; of those that can wait only three quarters of the limit are.
  public func allows(_ count: Int, vm: Int, at now: SimTime, canWait: Bool) -> Bool {
    let allowed = canWait ? limit * 3 / 4 : limit
    // The oldest are few and the answer is nearly always yes: no need to count exactly.
    if times[vm].count + count <= allowed { return true }
    return times[vm].count { now - $0 < Self.window } + count <= allowed
  }

  /// Takes note of one.
  public mutating func use(vm: Int, at now: SimTime) {
    if let first = times[vm].first, now - first >= Self.window {
      times[vm].removeAll { now - $0 >= Self.window }
    }
    times[vm].append(now)
  }
}
