// SPDX-License-Identifier: Apache-2.0
import Forecasting
import Foundation
import SimulationKernel
import Testing

@Suite("Calibration of probabilities")
struct CalibrationTests {
  @Test(
    "Platt scaling undoes a distortion of the log-odds",
    arguments: [(1.0, 0.0), (0.5, 1.0), (2.0, -1.5)])
  func recoversDistortion(slope: Double, intercept: Double) {
    var random = RandomStream(seed: 11, purpose: "labels")
    var stated: [Double] = []
    var labels: [Float] = []
    for _ in 0..<40_000 {
      let odds = random.normal(mean: 0, standardDeviation: 1.5)
      stated.append(1 / (1 + exp(-odds)))
      let truth = 1 / (1 + exp(-(slope * odds + intercept)))
      labels.append(random.bernoulli(truth) ? 1 : 0)
    }
    let scaling = PlattScaling(fitting: stated, labels: labels)
    // Four standard errors of a logistic regression on 40 000 rows.
    #expect(abs(scaling.slope - slope) < 0.12)
    #expect(abs(scaling.intercept - intercept) < 0.12)
  }

  @Test("A held-out part without any overload moves nothing far, and stays finite")
  func noPositives() {
    let scaling = PlattScaling(
      fitting: [Double](repeating: 0.01, count: 50), labels: [Float](repeating: 0, count: 50))
    let result = scaling(0.01)
    #expect(result > 1e-4 && result < 0.02)
    #expect(PlattScaling(fitting: [], labels: []) == PlattScaling())
    #expect((0...1).contains(scaling(0)) && (0...1).contains(scaling(1)))
  }

  @Test("The expected calibration error of a worked example")
  func calibrationError() {
    // Bin 0: 0.05 twice, one came true: |0.05 - 0.5| = 0.45, weight 1/2.
    // Bin 9: 0.95 and 1.0, both came true: |0.975 - 1| = 0.025, weight 1/2.
    let table = ReliabilityTable(probabilities: [0.05, 0.05, 0.95, 1], labels: [0, 1, 1, 1])
    #expect(abs(table.expectedCalibrationError - (0.45 + 0.025) / 2) < 1e-12)
    #expect(table.bins[0].count == 2 && table.bins[9].count == 2)
    #expect(ReliabilityTable(probabilities: [], labels: []).expectedCalibrationError == 0)
  }
}
