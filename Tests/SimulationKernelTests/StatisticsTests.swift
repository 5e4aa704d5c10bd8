// SPDX-License-Identifier: Apache-2.0
import Foundation
import SimulationKernel
import Testing
import Units

@Suite("Statistics over time")
struct TimeWeightedStatisticTests {
  @Test("an interval counts with the value that held")
  func held() {
    // 100 for 10 s, 200 for 20 s, 100 for 10 s: 1000 + 4000 + 1000.
    var power = TimeWeightedStatistic(100, at: .zero, threshold: 150)
    power.set(200, at: .seconds(10))
    power.set(100, at: .seconds(30))
    #expect(power.integral(until: .seconds(40)) == 6000)
    #expect(power.mean(until: .seconds(40)) == 150)
    #expect(power.minimum(until: .seconds(40)) == 100)
    #expect(power.maximum(until: .seconds(40)) == 200)
    #expect(power.timeAbove(until: .seconds(40)) == .seconds(20))
    #expect(power.integral(until: .seconds(30)) == 5000)
  }

  @Test("values that held for no time do not count; the threshold itself is not above")
  func instants() {
    var value = TimeWeightedStatistic(-7, at: .seconds(5), threshold: 3)
    #expect(value.mean(until: .seconds(5)) == -7)
    value.set(99, at: .seconds(5))
    value.set(3, at: .seconds(5))
    #expect(value.minimum(until: .seconds(5)) == 3)
    #expect(value.maximum(until: .seconds(6)) == 3)
    #expect(value.timeAbove(until: .seconds(6)) == .zero)
    #expect(value.mean(until: .seconds(6)) == 3)
  }

  @Test("reading at any interval, and setting an equal value, changes no bit")
  func reading() {
    var stream = RandomStream(seed: 1, purpose: "levels")
    var read = TimeWeightedStatistic(0.1, at: .zero, threshold: 0.5)
    var unread = read
    var time = SimTime.zero
    for _ in 0..<1000 {
      let next = time + .seconds(stream.exponential(mean: 10))
      for tick in 1...3 {
        let between = SimTime(nanoseconds: (next - time).nanoseconds / 4 * Int64(tick))
        _ = read.integral(until: time + between)
        read.set(read.value, at: time + between)
      }
      time = next
      let value = stream.uniform()
      read.set(value, at: time)
      unread.set(value, at: time)
    }
    #expect(read == unread)
    #expect(read.mean(until: time) == unread.mean(until: time))
  }

  @Test("a long sum of unlike terms keeps its precision")
  func precision() {
    let (low, high) = (0.1234567, 0.7654321)
    var value = TimeWeightedStatistic(1e9, at: .zero)
    for second in 1...100_000 { value.set(second % 2 == 0 ? low : high, at: .seconds(second)) }
    // 1 s of 1e9, 50 000 s of the high value, 49 999 s of the low one. A plain sum is off by 5e-3.
    let expected = 1e9 + 50_000 * high + 49_999 * low
    #expect(abs(value.integral(until: .seconds(100_000)) - expected) <= expected.ulp)
  }

  @Test("a restart forgets the past and keeps the value")
  func restart() {
    var queue = TimeWeightedStatistic(4, at: .zero, threshold: 1)
    queue.set(2, at: .seconds(10))
    queue.restart(at: .seconds(15))
    #expect(queue.start == .seconds(15))
    #expect(queue.integral(until: .seconds(20)) == 10)
    #expect(queue.maximum(until: .seconds(20)) == 2)
    #expect(queue.timeAbove(until: .seconds(20)) == .seconds(5))
  }
}

@Suite("Moments and histograms")
struct ObservationStatisticsTests {
  /// One pass against two passes: both round, and the sums have 10 000 terms.
  static let roundingTolerance = 1e-12

  @Test("moments in one pass are those of two passes, also far from zero")
  func moments() {
    for offset in [0.0, 1e6] {
      var stream = RandomStream(seed: 4, purpose: "moments")
      let values = (0..<10_000).map { _ in offset + stream.normal() }
      var moments = RunningMoments()
      for value in values { moments.add(value) }
      let mean = values.reduce(0, +) / 10_000
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      #expect(abs(moments.mean - mean) <= Self.roundingTolerance * max(1, offset))
      // The offset leaves 1e6·2^-53 of each deviation.
      let tolerance = offset == 0 ? Self.roundingTolerance : 1e-9
      #expect(abs(moments.variance * 9999 / squares - 1) <= tolerance)
      #expect(abs(moments.populationVariance * 10_000 / squares - 1) <= tolerance)
      #expect(moments.minimum == values.min())
      #expect(moments.maximum == values.max())
      #expect(abs(moments.standardError * 100 / moments.standardDeviation - 1) <= tolerance)
    }
  }

  @Test("merged parts are the whole, empty parts are nothing")
  func merging() {
    var stream = RandomStream(seed: 4, purpose: "parts")
    var whole = RunningMoments()
    var parts = [RunningMoments](repeating: RunningMoments(), count: 4)
    for number in 0..<1000 {
      let value = stream.exponential(mean: 2)
      whole.add(value)
      parts[number % 10 < 7 ? 0 : number % 3 + 1].add(value)
    }
    var merged = RunningMoments()
    for part in parts { merged.merge(part) }
    merged.merge(RunningMoments())
    #expect(merged.count == 1000)
    #expect(abs(merged.mean - whole.mean) < Self.roundingTolerance)
    #expect(abs(merged.variance - whole.variance) < Self.roundingTolerance * whole.variance)
    #expect(merged.minimum == whole.minimum && merged.maximum == whole.maximum)
    #expect(RunningMoments().variance.isNaN)
  }

  @Test("quantiles are within the stated error of the sorted sample", arguments: [3, 7, 11])
  func quantiles(bits: Int) {
    var stream = RandomStream(seed: 4, purpose: "quantiles")
    var histogram = WeightedHistogram(from: 1e-3, to: 1e6, precisionBits: bits)
    var observations: [(value: Double, weight: Double)] = []
    for _ in 0..<5000 {
      let value = stream.logNormal(median: 10, sigma: 2)
      let weight = stream.uniform()
      observations.append((value, weight))
      histogram.add(value, weight: weight)
    }
    observations.sort { $0.value < $1.value }
    let total = observations.reduce(0) { $0 + $1.weight }
    for probability in [0, 0.001, 0.25, 0.5, 0.9, 0.95, 0.99, 0.9999, 1] {
      var below = 0.0
      let exact = observations.first {
        below += $0.weight
        return below >= probability * total
      }
      let value = exact?.value ?? observations[4999].value
      #expect(abs(histogram.quantile(probability) / value - 1) <= histogram.relativeError)
    }
    #expect(histogram.relativeError == pow(2, -Double(bits + 1)))
  }

  @Test("weight counts like repetition")
  func weights() {
    var weighted = WeightedHistogram(from: 1, to: 100)
    var repeated = WeightedHistogram(from: 1, to: 100)
    for value in 1...50 {
      weighted.add(Double(value), weight: Double(value % 4))
      for _ in 0..<value % 4 { repeated.add(Double(value)) }
    }
    #expect(weighted.totalWeight == repeated.totalWeight)
    #expect(weighted.mean == repeated.mean)
    for percent in 0...100 {
      let probability = Double(percent) / 100
      #expect(weighted.quantile(probability) == repeated.quantile(probability))
    }
  }

  @Test("values outside the range are kept, zero and negative zero too")
  func outside() {
    var histogram = WeightedHistogram(from: 1, to: 1000)
    for value in [0, -0.0, 0.25, 5e6, 7e6] { histogram.add(value) }
    #expect(histogram.quantile(0) == 0.5)
    #expect(histogram.quantile(0.6) == 0.5)
    #expect(histogram.quantile(0.61) == 7e6)
    #expect(histogram.minimum == 0)
    #expect(histogram.mean == 2_400_000.05)
    #expect(WeightedHistogram(from: 1, to: 2).quantile(0.5).isNaN)
  }

  @Test("merged histograms are the whole")
  func mergedHistograms() {
    var stream = RandomStream(seed: 4, purpose: "histograms")
    var parts = [WeightedHistogram](
      repeating: WeightedHistogram(from: 1e-3, to: 1e3), count: 3)
    var whole = parts[0]
    for number in 0..<3000 {
      // Weights of eighths add up exactly in any order.
      let value = stream.exponential(mean: 1)
      let weight = Double(stream.integer(below: 8)) / 8
      whole.add(value, weight: weight)
      parts[number % 3].add(value, weight: weight)
    }
    var merged = parts[0]
    merged.merge(parts[1])
    merged.merge(parts[2])
    #expect(merged.count == whole.count)
    #expect(merged.totalWeight == whole.totalWeight)
    let probabilities = (0...100).map { Double($0) / 100 }
    #expect(probabilities.allSatisfy { merged.quantile($0) == whole.quantile($0) })
  }
}
