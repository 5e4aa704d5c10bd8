// SPDX-License-Identifier: Apache-2.0
public import ControlPlane
public import StateArchive
public import Units

/// Does nothing: every VM lives with its primary. The floor of every comparison.
public struct NoPolicy: ManagementPolicy {
  /// A policy without state.
  public init() {}
  /// Ignores the frame.
  public mutating func observe(_ frame: TelemetryFrame) {}
  /// Ignores the outcome.
  public mutating func receive(_ outcome: CommandOutcome, commands: inout CommandQueue) {}
  /// Orders nothing.
  public mutating func decide(at now: SimTime, commands: inout CommandQueue) {}
}

extension NoPolicy {
  /// Has no state.
  public mutating func archive(_ archive: inout StateArchive) throws {
  }
}
