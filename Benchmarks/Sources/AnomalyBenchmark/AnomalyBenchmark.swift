// SPDX-License-Identifier: Apache-2.0
import AnomalyDetection
import Glibc
import SimulationKernel
import Units

func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

/// Peak resident memory in bytes.
func peakMemory() -> Int {
  var usage = rusage()
  getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss * 1024
}

/// Many metrics of correlated noise with a daily rhythm, one detector each.
struct Fleet {
  static let interval = SimTime.minutes(5)

  var detectors: [AnomalyDetector]
  var states: [Double]
  var random = RandomStream(seed: 1, purpose: "anomaly benchmark")
  var alarms = 0

  init(metrics: Int) {
    detectors = (0..<metrics).map { _ in AnomalyDetector(interval: Self.interval) }
    states = [Double](repeating: 0, count: metrics)
  }

  /// The values of the next sample; drawn apart, so that they are not part of the time.
  mutating func draw(_ step: Int) -> [Double] {
    let day = (96..<192).contains(step % 288) ? 30.0 : 0
    for index in states.indices { states[index] = 0.8 * states[index] + 2 * random.normal() }
    return states.map { 30 + day + $0 }
  }

  mutating func observe(_ values: [Double], _ step: Int) {
    let time = Self.interval * step
    for index in detectors.indices where detectors[index].observe(values[index], at: time).isAlarm {
      alarms += 1
    }
  }
}

@main
struct AnomalyBenchmark {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let metrics = Int(arguments[1]), let steps = Int(arguments[2]),
      metrics > 0, steps > 300
    else {
      print("usage: AnomalyBenchmark METRICS STEPS (more than 300; those after 288 are timed)")
      exit(64)
    }
    let before = peakMemory()
    var fleet = Fleet(metrics: metrics)
    var seconds = 0.0
    for step in 0..<steps {
      let values = fleet.draw(step)
      let begin = cpuSeconds()
      fleet.observe(values, step)
      if step >= 288 { seconds += cpuSeconds() - begin }
    }
    let samples = Double(metrics * (steps - 288))
    let bytes = Double(peakMemory() - before) / Double(metrics)
    let alarms = Double(fleet.alarms) / Double(metrics) / (Double(steps) / 288)
    print(
      """
      {"cpuSeconds": \(seconds), "samplesASecond": \(samples / seconds), \
      "bytesAMetric": \(bytes), "alarmsAMetricAndDay": \(alarms)}
      """)
  }
}
