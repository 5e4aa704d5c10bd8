// SPDX-License-Identifier: Apache-2.0
public import Units

/// A power budget for the servers of one rack.
///
/// Every server is granted the power it wants while the sum fits. Otherwise idle power is granted to
/// all, and what is left of the budget is shared max–min fairly among the wishes above idle: nobody
/// gets more than it wants, and all that are cut have the same power above idle. (Dynamo, Wu et al.,
/// ISCA 2016, cuts the biggest consumers first, which is the same rule within one priority.)
public struct RackPowerCap: Sendable, Hashable {
  /// The budget.
  public var budget: Watts

  /// A cap.
  public init(budget: Watts) { self.budget = budget }

  /// The power that each server may draw.
  ///
  /// - Parameters:
  ///   - wanted: power that each server would draw, in W, at least its idle power.
  ///   - idle: power of each server without load, in W.
  /// - Returns: one value a server; at least idle power even where the budget is less than that.
  public func shares(wanted: [Double], idle: [Double]) -> [Double] {
    precondition(wanted.count == idle.count, "one idle power a server")
    let total = wanted.reduce(0, +)
    if total <= budget.value { return wanted }
    var left = budget.value - idle.reduce(0, +)
    guard left > 0 else { return idle }
    // Water-filling over the wishes above idle, smallest first.
    let above = zip(wanted, idle).map { max(0, $0 - $1) }
    let order = above.indices.sorted { (above[$0], $0) < (above[$1], $1) }
    var level = Double.infinity
    for (done, server) in order.enumerated() {
      let fair = left / Double(order.count - done)
      if above[server] > fair {
        level = fair
        break
      }
      left -= above[server]
    }
    return zip(above, idle).map { $1 + min($0, level) }
  }
}
