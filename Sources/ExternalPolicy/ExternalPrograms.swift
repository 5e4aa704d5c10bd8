// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// The programs that run now. Child processes belong to the process as a whole, and so does the
/// list of them.
public enum ExternalPrograms {
  private static let running = Mutex<[pid_t]>([])

  /// Ends all of them at once, for a process that is about to end without unwinding (a signal).
  public static func endAll() {
    running.withLock { for leader in $0 { kill(-leader, SIGKILL) } }
  }

  /// How many run; 0 when no run is going on.
  public static var count: Int { running.withLock { $0.count } }

  static func add(_ leader: pid_t) { running.withLock { $0.append(leader) } }

  /// Ends one with all that it has started; from then on its number may be given to others.
  static func end(_ leader: pid_t) {
    running.withLock { list in
      kill(-leader, SIGKILL)
      list.removeAll { $0 == leader }
    }
  }
}
