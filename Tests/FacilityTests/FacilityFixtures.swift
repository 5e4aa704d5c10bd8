// SPDX-License-Identifier: Apache-2.0
import Facility
import Foundation
import Units

/// The default facility, with changes.
func makeSpec(_ change: (inout FacilitySpec) -> Void = { _ in }) -> FacilitySpec {
  var source = DefaultParameters()
  var spec = FacilitySpec(from: &source)
  change(&spec)
  return spec
}

/// A facility with alike racks and the series of its specification, which must name no file.
func makeFacility(
  _ spec: FacilitySpec, racks: Int = 4, peak: Double = 5000, servers: Int = 10
) throws -> FacilityModel {
  try FacilityModel(
    spec: spec,
    racks: [FacilityRack](
      repeating: FacilityRack(peakPower: Watts(peak), servers: servers), count: racks),
    inputs: FacilityInputs(fileless: spec.site))
}

/// Pseudo-random numbers for property tests (SplitMix64; Steele, Lea and Flood, OOPSLA 2014).
struct TestRandom: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  /// A number in `range`, from the upper 53 bits.
  mutating func number(in range: ClosedRange<Double>) -> Double {
    let unit = Double(next() >> 11) * 0x1p-53
    return range.lowerBound + unit * (range.upperBound - range.lowerBound)
  }
}

/// The C library's functions, so that test files need not import Foundation for them.
func testExponential(_ x: Double) -> Double { exp(x) }
func testLogarithm(_ x: Double) -> Double { log(x) }
