// SPDX-License-Identifier: Apache-2.0
import Facility
import Testing
import Units

@Suite("Server power curves by name")
struct ServerCurveNamesTests {
  /// Closed forms with 200 W idle and 350 W at full load, worked by hand.
  @Test(
    "the name in a scenario chooses the curve",
    arguments: [
      ("constant", 0.25, 350.0), ("linear", 0.5, 275), ("square-root", 0.25, 275),
      ("square", 0.5, 237.5), ("cubic", 0.5, 218.75),
    ])
  func names(name: String, utilisation: Double, watts: Double) {
    var source = TestSource(["curve": name, "curve.idle": "200 W", "curve.max": "350 W"])
    let curve = ServerPowerCurve(from: &source)
    #expect(source.problems == [])
    // The closed forms are exact in binary but for the square root.
    #expect(abs(curve.power(at: utilisation).value - watts) <= 1e-12 * watts)
  }
}
