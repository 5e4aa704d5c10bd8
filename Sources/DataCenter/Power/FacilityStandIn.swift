// SPDX-License-Identifier: Apache-2.0
import Units
public struct FacilityModel: Sendable {
  var watts: ContiguousArray<Double> = []
  public init() {}
  mutating func advance(to: SimTime) {}
  mutating func setRackITPower(watts: ContiguousArray<Double>) { self.watts = watts }
  func inletTemperature(ofRack rack: Int) -> Celsius { Celsius(20) }
  mutating func setSupplyTemperature(_ celsius: Celsius) -> Bool { true }
}
