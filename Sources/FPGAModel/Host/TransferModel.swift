// SPDX-License-Identifier: Apache-2.0
import Units

/// How long a transfer between host and card takes.
///
/// Below `overlap` bytes the driver's work hides the bytes: max(fixed, n / bandwidth); above, fixed
/// + n / bandwidth. Fitted on the log of a U200 with XDMA and OpenCL migrate (Vitis_Accel_Examples
/// @d0330eb, host_global_bandwidth; MB read as 2^20): 11 % off at most on its 22 points.
public struct TransferModel: Sendable, Equatable {
  /// Seconds of driver and descriptor work.
  public var fixedSeconds = 13.4e-6
  /// Bytes per second from the host to the card.
  public var toCard = 7.81e9
  /// Bytes per second from the card to the host.
  public var toHost = 12.72e9
  /// Bytes below which the two parts overlap.
  public var overlapBytes = 65536

  /// The measured U200.
  public init() {}

  /// Seconds of one transfer.
  ///
  /// - Parameters:
  ///   - bytes: size, ≥ 0.
  ///   - isToCard: direction.
  /// - Returns: seconds until the transfer is complete.
  public func seconds(bytes: Int, isToCard: Bool) -> Double {
    let moving = Double(bytes) / (isToCard ? toCard : toHost)
    return bytes < overlapBytes ? max(fixedSeconds, moving) : fixedSeconds + moving
  }
}

/// A matrix-vector engine at batch 1 that never gets below a floor of cycles a step: Brainwave.
///
/// The constants come from memory of Fowers et al., ISCA 2018, table of DeepBench results on a
/// Stratix 10 280, and are **unverified**. Within 6 % of ten of its eleven rows.
public struct FloorBoundEngine: Sendable, Equatable {
  /// Multipliers.
  public var multipliers = 96_000
  /// Least cycles of an LSTM step.
  public var lstmFloor = 725
  /// Least cycles of a GRU step.
  public var gruFloor = 632
  /// What these figures are worth.
  public static let provenance = "from memory of the paper, unverified"

  /// The engine as remembered.
  public init() {}

  /// Cycles of a sequence at batch 1.
  public func cycles(_ network: NetworkShape) -> Int {
    let ideal = (network.recurrentMultipliesPerStep + multipliers - 1) / multipliers
    return network.steps * max(ideal, network.cell == .lstm ? lstmFloor : gruFloor)
  }
}
