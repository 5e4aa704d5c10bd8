// SPDX-License-Identifier: Apache-2.0

/// The order in which CloudSim adds up what the VMs of a host ask for: that of a Java `HashMap`
/// with keys `"2-<vm>"`. It decides only the last bit of a sum, and thereby now and then 1 MIPS.
///
/// Buckets ascend, and within a bucket the order of insertion holds. The table has 16 buckets at
/// first, doubles when it holds more than three quarters of that, and never shrinks.
struct HashOrder: Sendable {
  private let spreads: ContiguousArray<UInt32>

  init(vmCount: Int) {
    spreads = ContiguousArray(
      (0..<vmCount).map { vm in
        var hash: UInt32 = 0
        for byte in "2-\(vm)".utf8 { hash = hash &* 31 &+ UInt32(byte) }
        return hash ^ (hash >> 16)
      })
  }

  /// The sum of `weights` of the VMs in that order; `mostHeld` is the most entries that the table
  /// ever held.
  func sum(
    of vms: ContiguousArray<Int32>, weights: ContiguousArray<Double>, mostHeld: Int
  ) -> Double {
    var size = 16
    while mostHeld > size / 4 * 3 { size *= 2 }
    let mask = UInt32(size - 1)
    return withUnsafeTemporaryAllocation(of: Int.self, capacity: vms.count) { order in
      for index in vms.indices {
        let bucket = spreads[Int(vms[index])] & mask
        var place = index
        order.initializeElement(at: index, to: index)
        while place > 0, spreads[Int(vms[order[place - 1]])] & mask > bucket {
          order[place] = order[place - 1]
          place -= 1
        }
        order[place] = index
      }
      var sum = 0.0
      for index in order { sum += weights[index] }
      return sum
    }
  }
}
