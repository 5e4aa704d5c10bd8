// SPDX-License-Identifier: Apache-2.0
public import Units

/// A part of the power chain that loses some of what passes: a PDU, a UPS, a transformer.
///
/// With `m` equal modules that share the load `L`, each loses `idle + a·(L/m) + b·(L/m)²`:
///
///     loss = m·idle + a·L + b·L²/m
///
/// `a = 0` is the square-law PDU, `b = 0` the proportional UPS of Rasmussen (Schneider white paper
/// 113) and of Pelley et al., "Understanding and abstracting total data center power", WEED 2009.
public struct LossStage: Sendable, Hashable {
  /// Loss of a module at no load.
  public var idle: Watts
  /// `a`: loss over load.
  public var proportional: Double
  /// `b` in 1/W.
  public var squarePerWatt: Double
  /// `m`: modules that share the load.
  public var modules: Int

  /// A stage.
  ///
  /// - Precondition: no coefficient is negative, and there is at least one module.
  public init(
    idle: Watts = .zero, proportional: Double = 0, squarePerWatt: Double = 0, modules: Int = 1
  ) {
    precondition(idle.value >= 0 && proportional >= 0 && squarePerWatt >= 0 && modules >= 1)
    self.idle = idle
    self.proportional = proportional
    self.squarePerWatt = squarePerWatt
    self.modules = modules
  }

  /// What is lost while `load` is delivered.
  @inlinable
  public func loss(at load: Watts) -> Watts {
    let m = Double(modules)
    let square = squarePerWatt * load.value * load.value / m
    return Watts(m * idle.value + proportional * load.value + square)
  }

  /// What has to go in for `load` to come out.
  @inlinable
  public func input(for load: Watts) -> Watts { load + loss(at: load) }
}

/// Losses of a stage as shares of its rating, as data sheets give them; sized with ``stage(rating:modules:)``.
public struct RelativeLosses: Sendable, Hashable {
  /// Loss at no load over the rating.
  public var idle: Double
  /// Loss over load.
  public var proportional: Double
  /// Square-law loss at full load over the rating.
  public var square: Double

  /// Losses.
  public init(idle: Double, proportional: Double, square: Double) {
    self.idle = idle
    self.proportional = proportional
    self.square = square
  }

  /// The stage of `modules` modules of `rating` each.
  public func stage(rating: Watts, modules: Int) -> LossStage {
    LossStage(
      idle: rating * idle, proportional: proportional,
      squarePerWatt: rating.value > 0 ? square / rating.value : 0, modules: modules)
  }

  /// Reads the three shares; `about` names the stage.
  init(from source: inout some ParameterSource, default standard: RelativeLosses) {
    idle = source.fraction(
      "idleLoss", default: standard.idle, in: 0...0.5, about: "loss at no load over the rating")
    proportional = source.fraction(
      "proportionalLoss", default: standard.proportional, in: 0...0.9, about: "loss over load")
    square = source.fraction(
      "squareLoss", default: standard.square, in: 0...0.9,
      about: "loss at full load that grows with the load's square, over the rating")
  }
}

/// How many modules of a stage there are beyond what the load needs.
public enum Redundancy: String, Sendable, Hashable, CaseIterable {
  /// As many as needed.
  case none = "n"
  /// One more.
  case nPlusOne = "n+1"
  /// Twice as many, in two paths that share the load.
  case twoN = "2n"

  /// Modules installed where `needed` carry the load.
  public func modules(needed: Int) -> Int {
    switch self {
    case .none: needed
    case .nPlusOne: needed + 1
    case .twoN: 2 * needed
    }
  }
}
