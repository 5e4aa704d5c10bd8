// SPDX-License-Identifier: Apache-2.0
import CForecastKernels
import SimulationKernel
import Testing

/// The definition: the nearest known entries, nearest first, of equally near ones the earlier first.
private func nearest(_ distances: [Float], _ outcomes: [Float], wanted: Int) -> [Float] {
  distances.indices.filter { distances[$0] < .infinity && !outcomes[$0].isNaN }
    .sorted { (distances[$0], $0) < (distances[$1], $1) }
    .prefix(wanted).map { outcomes[$0] }
}

private func kernel(
  _ distances: [Float], _ outcomes: [Float], wanted: Int, bound: inout Float
) -> [Float] {
  var found = [Float](repeating: 0, count: FORESHADOW_ANALOG_MOST)
  let count = foreshadow_analog_nearest(
    distances.count, distances, outcomes, wanted, &bound, &found)
  return Array(found[..<count])
}

@Test("The kernel finds the nearest entries, in order", arguments: 0..<200)
func kernelFindsNearest(seed: Int) {
  var random = RandomStream(seed: UInt64(seed), purpose: "nearest")
  let count = Int(random.uniform() * 700)
  let wanted = 1 + Int(random.uniform() * Double(FORESHADOW_ANALOG_MOST))
  // A few values only: many are equally near. Some distances and outcomes are not known.
  let steps = [3.0, 40, 1e6][seed % 3]
  let distances = (0..<count).map { _ -> Float in
    random.uniform() < 0.1 ? .nan : Float((random.uniform() * steps).rounded())
  }
  let outcomes = (0..<count).map { random.uniform() < 0.1 ? .nan : Float($0) }
  let expected = nearest(distances, outcomes, wanted: wanted)

  var bound = Float.infinity
  #expect(kernel(distances, outcomes, wanted: wanted, bound: &bound) == expected)
  // Its bound, or a wider one, leads to the same entries when some more outcomes are known …
  let more = outcomes.enumerated().map { $1.isNaN && $0 % 2 == 0 ? Float($0) : $1 }
  let all = nearest(distances, more, wanted: wanted)
  if expected.count == wanted {
    #expect(bound < .infinity)
    #expect(kernel(distances, more, wanted: wanted, bound: &bound) == all)
  } else {
    #expect(bound == .infinity)
  }
  // … and too narrow a bound is noticed by the number found.
  var narrow: Float = -1
  #expect(kernel(distances, outcomes, wanted: wanted, bound: &narrow).isEmpty)
}

@Test("Distances are those of the formula", arguments: [0, 1, 7, 8, 577])
func kernelDistances(count: Int) {
  var random = RandomStream(seed: 7, purpose: "distances")
  func values() -> [Float] { (0..<count).map { _ in Float(random.uniform()) } }
  let (loads, fasts, slows, penalties) = (values(), values(), values(), values())
  let now = foreshadow_moment(load: 0.3, fast: 0.4, slow: 0.5)
  var distances = [Float](repeating: 0, count: count)
  foreshadow_analog_distances(
    count, loads, fasts, slows, now, 0.5, 2, penalties, &distances)
  var added = distances
  foreshadow_analog_add(count, distances, penalties, fasts, 0.25, 0.5, 2, &added)
  for i in 0..<count {
    let (a, b, c) = (loads[i] - now.load, fasts[i] - now.fast, slows[i] - now.slow)
    // The same operations in the same order: the same bits.
    #expect(distances[i] == (a * a + b * b + 0.5 * c * c) * 2 + penalties[i])
    let d = fasts[i] - 0.25
    #expect(added[i] == distances[i] + penalties[i] + 0.5 * d * d * 2)
  }
}
