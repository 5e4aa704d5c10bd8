// SPDX-License-Identifier: Apache-2.0
// ARIMA(2,0,1) fits of every line of a file: `ArimaBenchmark FILE quick|thorough` (one series a line,
// values separated by commas). Prints one JSON object.
import Forecasting
import Foundation

let arguments = CommandLine.arguments
guard arguments.count == 3, let text = try? String(contentsOfFile: arguments[1], encoding: .utf8)
else {
  print("usage: ArimaBenchmark FILE quick|thorough")
  exit(64)
}
let series = text.split(separator: "\n").map { line in
  line.split(separator: ",").map { Double($0) ?? .nan }
}
let effort = arguments[2] == "quick" ? ArimaFit.Effort.quick : .thorough
let order = ArimaOrder(2, 0, 1)
var likelihoods: [Double] = []
_ = series.first.map { ArimaFit($0, order: order, effort: effort) }
// CPU time of this one-threaded process: what else runs on the machine doesn't count.
let start = clock()
likelihoods = series.map { values in
  ArimaFit(values, order: order, effort: effort)?.logLikelihood ?? -1e300
}
let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
let list = likelihoods.map { "\($0)" }.joined(separator: ", ")
print("{\"seconds\": \(seconds), \"logLikelihoods\": [\(list)]}")
