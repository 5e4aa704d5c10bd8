// SPDX-License-Identifier: Apache-2.0
import CGSL

/// Where a minimisation ended.
public struct Minimum: Sendable, Equatable {
  /// The best point found.
  public var point: [Double]
  /// The function's value there.
  public var value: Double
  /// Iterations used.
  public var iterations: Int
}

/// Local minimisers for smooth functions of a few variables (GSL's `gsl_multimin`).
///
/// The function may return NaN or infinity where it is undefined: the search then turns back. It
/// is not called concurrently and not kept after the call.
public enum Minimizer {
  /// The value that stands for "undefined": large, but differences of it are finite.
  public static let undefined = 1e100

  /// Quasi-Newton (BFGS, GSL's `vector_bfgs2`) with central-difference gradients.
  ///
  /// - Parameters:
  ///   - function: the function; its argument has as many elements as `start`.
  ///   - start: where to begin; at least one variable.
  ///   - step: length of the first step.
  ///   - tolerance: ends when the gradient's norm falls below it.
  ///   - maximumIterations: ends after so many line searches.
  /// - Returns: the best point seen.
  public static func bfgs(
    _ function: (UnsafeBufferPointer<Double>) -> Double, from start: [Double],
    step: Double = 0.1, tolerance: Double = 1e-6, maximumIterations: Int = 200
  ) -> Minimum {
    precondition(!start.isEmpty, "nothing to minimise over")
    _ = Self.errorHandlerIsOff
    return withoutActuallyEscaping(function) { escaping in
      let box = Objective(escaping, best: start)
      return withExtendedLifetime(box) {
        run(box, step: step, tolerance: tolerance, maximumIterations: maximumIterations)
      }
    }
  }

  private static func run(
    _ box: Objective, step: Double, tolerance: Double, maximumIterations: Int
  ) -> Minimum {
    let count = box.bestPoint.count
    var iterations = 0
    guard
      let minimizer = gsl_multimin_fdfminimizer_alloc(cgsl_vector_bfgs2(), count),
      let point = gsl_vector_alloc(count)
    else { return Minimum(point: box.bestPoint, value: undefined, iterations: 0) }
    defer {
      gsl_multimin_fdfminimizer_free(minimizer)
      gsl_vector_free(point)
    }
    for index in 0..<count { gsl_vector_set(point, index, box.bestPoint[index]) }
    var problem = gsl_multimin_function_fdf(
      f: { Objective.from($1).value($0) },
      df: { Objective.from($1).gradient($0, into: $2) },
      fdf: { point, context, value, gradient in
        value?.pointee = Objective.from(context).value(point)
        Objective.from(context).gradient(point, into: gradient)
      },
      n: count, params: Unmanaged.passUnretained(box).toOpaque())
    withUnsafeMutablePointer(to: &problem) { problem in
      // A loose line search (0.1): exact ones cost more evaluations than they save.
      guard gsl_multimin_fdfminimizer_set(minimizer, problem, point, step, 0.1) == success
      else { return }
      while iterations < maximumIterations {
        iterations += 1
        guard gsl_multimin_fdfminimizer_iterate(minimizer) == success else { break }
        let gradient = gsl_multimin_fdfminimizer_gradient(minimizer)
        if gsl_multimin_test_gradient(gradient, tolerance) == success { break }
      }
    }
    return Minimum(point: box.bestPoint, value: box.bestValue, iterations: iterations)
  }

  /// GSL's default handler aborts the process on any error; every call here checks its status.
  static let errorHandlerIsOff: Void = { gsl_set_error_handler_off() }()
  /// GSL's `GSL_SUCCESS`.
  private static let success: Int32 = 0
}

/// What the C callbacks see through their context pointer: the function, its scratch memory and
/// the best point so far (GSL's own may be worse after a failed line search).
private final class Objective {
  let function: (UnsafeBufferPointer<Double>) -> Double
  var bestPoint: [Double]
  var bestValue: Double
  private var scratch: [Double]

  init(_ function: @escaping (UnsafeBufferPointer<Double>) -> Double, best: [Double]) {
    self.function = function
    bestPoint = best
    scratch = best
    bestValue = Minimizer.undefined
  }

  static func from(_ context: UnsafeMutableRawPointer?) -> Objective {
    // contract: GSL hands back the pointer that it was given.
    guard let context else { fatalError("GSL dropped the context pointer") }
    return Unmanaged<Objective>.fromOpaque(context).takeUnretainedValue()
  }

  private func load(_ point: UnsafePointer<gsl_vector>?) {
    for index in scratch.indices { scratch[index] = gsl_vector_get(point, index) }
  }

  private func evaluate() -> Double {
    guard scratch.allSatisfy(\.isFinite) else { return Minimizer.undefined }
    let value = scratch.withUnsafeBufferPointer(function)
    return value.isFinite ? min(value, Minimizer.undefined) : Minimizer.undefined
  }

  func value(_ point: UnsafePointer<gsl_vector>?) -> Double {
    load(point)
    let value = evaluate()
    if value < bestValue {
      bestValue = value
      bestPoint = scratch
    }
    return value
  }

  /// Central differences: error O(step²), about 1e-10 relative at this step.
  func gradient(
    _ point: UnsafePointer<gsl_vector>?, into gradient: UnsafeMutablePointer<gsl_vector>?
  ) {
    load(point)
    for index in scratch.indices {
      let middle = scratch[index]
      let step = 1e-5 * max(1, abs(middle))
      scratch[index] = middle + step
      let above = evaluate()
      scratch[index] = middle - step
      let below = evaluate()
      scratch[index] = middle
      gsl_vector_set(gradient, index, (above - below) / (2 * step))
    }
  }
}
