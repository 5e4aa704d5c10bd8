// SPDX-License-Identifier: Apache-2.0
import Units

/// One link of a flow's path, and where the flow stands in that link's table.
struct Hop: Sendable, Codable {
  var link: Int32 = 0
  var place: Int32 = 0
}

/// The hops of the longest path that there is.
struct Hops: Sendable, Codable {
  private var places = InlineArray<8, Hop>(repeating: Hop())

  init() {}

  subscript(index: Int) -> Hop {
    get { places[index] }
    set { places[index] = newValue }
  }

  init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    for index in places.indices { places[index] = try list.decode(Hop.self) }
  }

  func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    for index in places.indices { try list.encode(places[index]) }
  }
}

/// One flow in a link's table, and which hop of the flow that is.
struct LinkEntry: Sendable, Codable {
  var slot: Int32
  var hop: Int32
}

/// A link: its capacity in bytes per second and the flows on it.
struct LinkState: Sendable, Codable {
  var capacity: Double
  var flows: ContiguousArray<LinkEntry> = []
  /// Mark of the last region that contains this link.
  var stamp: UInt64 = 0
  /// While rates are computed: capacity not yet given away, and flows without a rate.
  var spare = 0.0
  var waiting = 0

  init(capacity: Double) { self.capacity = capacity }
}

/// A flow: progress is booked only when its rate changes.
struct FlowState: Sendable, Codable {
  var serial: UInt64 = 0
  var isActive = false
  var isChanged = false
  var hopCount: UInt8 = 0
  /// The first `hopCount` are in use.
  var hops = Hops()
  /// Bytes left at `bookedAt`.
  var booked = 0.0
  var bookedAt: Int64 = 0
  var rate = 0.0
  var cap = 0.0
  /// The smaller of the cap and the least capacity on the path.
  var bound = 0.0
  /// Time of the valid entry in the completion queue, nil for none.
  var completion: Int64?
  /// Mark of the last region that contains this flow.
  var stamp: UInt64 = 0
  /// While rates are computed: whether this flow has its rate.
  var isSettled = false

  mutating func begin(serial: UInt64, remaining: Double, cap: Double, at now: SimTime) {
    self.serial = serial
    isActive = true
    isChanged = false
    hopCount = 0
    booked = remaining
    bookedAt = now.nanoseconds
    rate = 0
    self.cap = cap
    completion = nil
  }

  mutating func leave() {
    isActive = false
    isChanged = false
    rate = 0
    completion = nil
  }

  func remaining(at now: SimTime) -> Double {
    max(0, booked - rate * (Double(now.nanoseconds - bookedAt) / 1e9))
  }

  /// Books progress up to now and goes on with another rate.
  mutating func setRate(_ rate: Double, at now: SimTime) {
    booked = remaining(at: now)
    bookedAt = now.nanoseconds
    self.rate = rate
  }

  /// When it will have sent everything, rounded up to a nanosecond; nil for never.
  var endTime: Int64? {
    if booked == 0 { return bookedAt }
    let nanoseconds = (booked / rate * 1e9).rounded(.up)
    guard nanoseconds < 4e18 else { return nil }
    return bookedAt + Int64(nanoseconds)
  }
}
