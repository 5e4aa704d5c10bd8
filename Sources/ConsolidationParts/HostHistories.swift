// SPDX-License-Identifier: Apache-2.0

/// Past utilisation of hosts, made up from the past of the VMs that they hold *now*.
///
/// So a host's past is not what it really ran; it is what its present VMs would have made it run
/// (Beloglazov's definition, which all history-based detectors are published with).
struct HostHistories {
  private static let depth = LoadHistory.depth
  private var sums: ContiguousArray<Double>
  private var isKnown: ContiguousArray<Bool>
  private var scratch = ContiguousArray<Double>(repeating: 0, count: depth)

  init(hostCount: Int) {
    sums = ContiguousArray(repeating: 0, count: hostCount * Self.depth)
    isKnown = ContiguousArray(repeating: false, count: hostCount)
  }

  mutating func forget() {
    for host in isKnown.indices { isKnown[host] = false }
  }

  mutating func forget(_ host: Int) {
    if host < isKnown.count { isKnown[host] = false }
  }

  /// Runs `body` with a host's history, newest first, with one VM more if given.
  ///
  /// The zeros at the old end are cut off; of zeros alone, one is left.
  mutating func with<Result>(
    _ host: Int, adding vm: Int?, _ state: PackingState,
    _ body: (UnsafeBufferPointer<Double>) -> Result
  ) -> Result {
    let total = state.capacity(host)
    let start = host * Self.depth
    if !isKnown[host] {
      isKnown[host] = true
      sums.withUnsafeMutableBufferPointer { sums in
        let own = UnsafeMutableBufferPointer(rebasing: sums[start..<start + Self.depth])
        own.update(repeating: 0)
        for vm in state.vms[host] {
          state.history.add(Int(vm), capacity: state.size[Int(vm)], total: total, to: own)
        }
      }
    }
    for age in 0..<Self.depth { scratch[age] = sums[start + age] }
    return scratch.withUnsafeMutableBufferPointer { history in
      if let vm {
        state.history.add(vm, capacity: state.size[vm], total: total, to: history)
      }
      var count = history.count
      while count > 1, history[count - 1] == 0 { count -= 1 }
      return body(UnsafeBufferPointer(rebasing: history[0..<count]))
    }
  }
}
