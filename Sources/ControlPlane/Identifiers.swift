// SPDX-License-Identifier: Apache-2.0

/// A VM (an application instance behind a load balancer), by its position in the inventory.
@frozen
public struct VMID: Sendable, Hashable, Comparable, Codable {
  /// Position in ``Inventory/vms``.
  public let index: Int
  /// Wraps the number.
  @inlinable public init(_ index: Int) { self.index = index }
  /// Order by size.
  @inlinable public static func < (left: VMID, right: VMID) -> Bool { left.index < right.index }
}

/// A physical host, by its position in the inventory.
@frozen
public struct HostID: Sendable, Hashable, Comparable, Codable {
  /// Position in ``Inventory/hosts``.
  public let index: Int
  /// Wraps the number.
  @inlinable public init(_ index: Int) { self.index = index }
  /// Order by size.
  @inlinable public static func < (left: HostID, right: HostID) -> Bool { left.index < right.index }
}

/// A rack, by its position in the inventory.
@frozen
public struct RackID: Sendable, Hashable, Comparable, Codable {
  /// Position in ``Inventory/racks``.
  public let index: Int
  /// Wraps the number.
  @inlinable public init(_ index: Int) { self.index = index }
  /// Order by size.
  @inlinable public static func < (left: RackID, right: RackID) -> Bool { left.index < right.index }
}

/// A shadow: a second instance of a VM. Numbers are given by the plant and never used again.
@frozen
public struct ShadowID: Sendable, Hashable, Comparable, Codable {
  /// The number.
  public let number: Int
  /// Wraps the number.
  @inlinable public init(_ number: Int) { self.number = number }
  /// Order by size.
  @inlinable
  public static func < (left: ShadowID, right: ShadowID) -> Bool { left.number < right.number }
}

/// A command, numbered by the policy's command queue; outcomes carry it back.
@frozen
public struct CommandID: Sendable, Hashable, Comparable, Codable {
  /// The number; grows by one with each command of a run.
  public let number: Int
  /// Wraps the number.
  @inlinable public init(_ number: Int) { self.number = number }
  /// Order by size.
  @inlinable
  public static func < (left: CommandID, right: CommandID) -> Bool { left.number < right.number }
}
