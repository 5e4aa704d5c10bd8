// SPDX-License-Identifier: Apache-2.0

/// Something that happened to an instance or a host without having been ordered.
public enum Incident: Sendable, Hashable, Codable {
  /// A shadow is gone with its host; everything it held was given back.
  case shadowLost(ShadowID)
  /// The primary of a VM is gone with its host, or was lost on its way to another one.
  case vmDown(VMID)
  /// A primary that was down runs again.
  case vmUp(VMID, host: HostID)
  /// A host has failed.
  case hostFailed(HostID)
  /// A host can be used again (it may have to boot first).
  case hostRecovered(HostID)
}
