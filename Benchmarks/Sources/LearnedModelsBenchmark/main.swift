// SPDX-License-Identifier: Apache-2.0
// Timings of the learned models: `LearnedModelsBenchmark trees FILE.csv`, `… lstm FILE.safetensors`.
// CPU times of one process on one thread; the last column is the median of the repetitions.
import Foundation

let arguments = CommandLine.arguments.dropFirst()
switch arguments.first {
case "trees":
  guard let file = arguments.dropFirst().first else {
    print("usage: LearnedModelsBenchmark trees FILE.csv (lines name,v0,v1,…; 2016 samples or more)")
    exit(64)
  }
  try benchmarkTrees(file: file)
case "quantiles":
  guard let file = arguments.dropFirst().first else {
    print("usage: LearnedModelsBenchmark quantiles FILE.csv (14 days of 5-minute values)")
    exit(64)
  }
  try scoreQuantiles(file: file, models: Array(arguments.dropFirst(2)))
case "lstm":
  guard let file = arguments.dropFirst().first else {
    print("usage: LearnedModelsBenchmark lstm FILE.safetensors (is written for peers/lstm_onnx.py)")
    exit(64)
  }
  try benchmarkLSTM(file: file)
default:
  print("usage: LearnedModelsBenchmark trees FILE.csv | quantiles FILE.csv | lstm FILE.safetensors")
  exit(64)
}
