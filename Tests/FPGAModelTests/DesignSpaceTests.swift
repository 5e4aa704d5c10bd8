// SPDX-License-Identifier: Apache-2.0
import FPGAModel
import Testing

@Suite("design space")
struct DesignSpaceTests {
  @Test(
    "every design fits, and what is left out of the front is beaten by one in it",
    arguments: FPGADevice.all.map(\.name))
  func front(name: String) throws {
    let device = try #require(FPGADevice.all.first { $0.name == name })
    let points = DesignSpace.explore(
      NetworkShape(inputs: 4, hidden: 32, steps: 12, dense: [1]),
      format: WordFormat(bits: 16, integerBits: 6), clockHertz: 100e6, device: device)
    let front = points.filter(\.isPareto)
    #expect(!front.isEmpty)
    #expect(points.allSatisfy { $0.area <= 0.8 })
    for point in points where !point.isPareto {
      #expect(
        front.contains {
          $0.estimate.maximumLatencySeconds <= point.estimate.maximumLatencySeconds
            && $0.joulesPerSequence <= point.joulesPerSequence && $0.area <= point.area
        }, "\(point.name)")
    }
  }

  @Test("energy holds the static share and grows with the width of words")
  func energy() {
    let network = NetworkShape(inputs: 4, hidden: 32, steps: 12, dense: [1])
    let estimate = UnitParallelEngine(network: network, units: 8, batch: 8, clockHertz: 100e6)
      .estimate()
    let narrow = EngineEnergy(estimate, network: network, bits: 8, device: .u50)
    let wide = EngineEnergy(estimate, network: network, bits: 16, device: .u50)
    #expect(narrow.joules > FPGADevice.u50.staticWatts * estimate.latencySeconds)
    #expect(wide.joules > narrow.joules)
    #expect(wide.watts < FPGADevice.u50.limitWatts)
  }
}
