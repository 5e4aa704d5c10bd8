// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Something that is worked out when it is first asked for, by whichever thread asks first; the
/// others wait for it.
final class Once<Value: Sendable>: Sendable {
  private let stored = Mutex<Value?>(nil)

  func value(_ make: () throws -> Value) rethrows -> Value {
    try stored.withLock { stored in
      if let known = stored { return known }
      let made = try make()
      stored = made
      return made
    }
  }
}
