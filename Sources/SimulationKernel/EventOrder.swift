// SPDX-License-Identifier: Apache-2.0
public import Units

/// The place of an event in the total order: time, then priority, then order of scheduling.
///
/// Priority and sequence share one word (8 and 56 bits), so a comparison looks at two words. A
/// sequence number is given to every scheduled event once and never again; 2^56 of them last for
/// 22 years at 100 million events a second.
@frozen
@usableFromInline
struct EventKey: Comparable {
  /// Nanoseconds with the sign bit flipped: unsigned order is time order.
  @usableFromInline var biasedTime: UInt64
  /// Priority (biased by 128) in the top byte, the sequence number below it.
  @usableFromInline var rank: UInt64

  @inlinable
  init(biasedTime: UInt64, rank: UInt64) {
    self.biasedTime = biasedTime
    self.rank = rank
  }

  @inlinable
  init(time: SimTime, priority: Int8, sequence: UInt64) {
    biasedTime = EventKey.bias(time)
    rank = UInt64(UInt8(bitPattern: priority) ^ 0x80) << 56 | sequence
  }

  @inlinable
  static func bias(_ time: SimTime) -> UInt64 {
    UInt64(bitPattern: time.nanoseconds) ^ (1 << 63)
  }

  @inlinable var time: SimTime {
    SimTime(nanoseconds: Int64(bitPattern: biasedTime ^ (1 << 63)))
  }
  @inlinable var priority: Int8 { Int8(bitPattern: UInt8(rank >> 56) ^ 0x80) }
  @inlinable var sequence: UInt64 { rank & EventKey.largestSequence }

  @inlinable static var largestSequence: UInt64 { (1 << 56) - 1 }

  @inlinable
  static func < (left: EventKey, right: EventKey) -> Bool {
    let isEarlier = left.biasedTime < right.biasedTime ? 1 : 0
    let isSameTime = left.biasedTime == right.biasedTime ? 1 : 0
    let isBefore = left.rank < right.rank ? 1 : 0
    return isEarlier | (isSameTime & isBefore) != 0
  }
}

/// Names one scheduled event, so that it can be cancelled.
///
/// A plain value that stays valid across a checkpoint. Once its event has been handled or
/// cancelled it names nothing; cancelling it again is harmless.
@frozen
public struct EventHandle: Sendable, Hashable, Codable {
  /// When the event is due.
  public let time: SimTime
  /// The event's priority; of two events due at one time the lower value goes first.
  public let priority: Int8
  /// The event's number in order of scheduling; no two events of a scheduler share one.
  public let sequence: UInt64

  /// Rebuilds a handle that was written out, for a checkpoint.
  ///
  /// Give back what a scheduler gave: an invented handle is either unknown or another's event.
  @inlinable
  public init(time: SimTime, priority: Int8, sequence: UInt64) {
    self.time = time
    self.priority = priority
    self.sequence = sequence
  }
}

/// An event that waits for its time, as a checkpoint stores it.
public struct PendingEvent<Event> {
  /// Time, priority and sequence: the event's place in the total order, and its name.
  public let handle: EventHandle
  /// What happens then.
  public let event: Event

  /// Joins an event with its place in the order.
  public init(handle: EventHandle, event: Event) {
    self.handle = handle
    self.event = event
  }
}

extension PendingEvent: Sendable where Event: Sendable {}
extension PendingEvent: Codable where Event: Codable {}
extension PendingEvent: Equatable where Event: Equatable {}
