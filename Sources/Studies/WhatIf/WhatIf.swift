// SPDX-License-Identifier: Apache-2.0
import DataCenter
public import Experiments
import Synchronization

/// How far a key has to be turned for goals to be met, and at what price.
public struct WhatIf: Sendable {
  /// How candidates are chosen.
  public enum Search: String, Sendable, CaseIterable {
    /// Bisection where there are many candidates.
    case automatic = "auto"
    /// Bisection, checked; all candidates when it does not hold.
    case bisection = "bisect"
    /// Every candidate.
    case all
  }

  /// One value of the key.
  public struct Candidate: Sendable {
    /// The value as written.
    public var value: String
    /// Values of each metric of ``WhatIf/metrics``, by seed; empty when nothing could be run.
    public var figures: [[Double]]
    /// Why nothing could be run, e.g. VMs that have no room.
    public var obstacle: String?
    /// Whether the means meet every goal.
    public var isMet: Bool
    /// Mean of a metric; NaN when nothing could be run.
    public func mean(_ metric: Int) -> Double {
      guard figures.indices.contains(metric), !figures[metric].isEmpty else { return .nan }
      return figures[metric].reduce(0, +) / Double(figures[metric].count)
    }
  }

  /// The question.
  public struct Question: Sendable {
    /// The key and its values.
    public var axis: ScenarioAxis
    /// What is to hold.
    public var goals: [WhatIfGoal]
    /// What is to be least; nil for the position of the value.
    public var price: Metric?
    /// Label or name of the policy; nil for the scenario's first.
    public var policy: String?
    /// Number of seeds.
    public var seedCount: Int
    /// How candidates are chosen.
    public var search: Search

    /// A question.
    public init(
      axis: ScenarioAxis, goals: [WhatIfGoal], price: Metric? = nil, policy: String? = nil,
      seedCount: Int = 3, search: Search = .automatic
    ) {
      self.axis = axis
      self.goals = goals
      self.price = price
      self.policy = policy
      self.seedCount = seedCount
      self.search = search
    }
  }

  /// The question.
  public let question: Question
  /// The scenario that it was asked of.
  public let scenario: ScenarioFile
  /// Label of the policy.
  public let policy: String
  /// The metrics of the goals in order, then the price's if there is one.
  public let metrics: [Metric]
  /// The candidates that were worked out, in the order of the axis.
  public let candidates: [Candidate]
  /// Position of the answer among ``candidates``; nil when none meets the goals.
  public let answer: Int?
  /// Values of the axis.
  public let levelCount: Int
  /// Whether every value was worked out.
  public let isComplete: Bool

  /// Most values; each is read as a scenario before the first run.
  private static let mostLevels = 2_000
  /// From how many values on bisection is tried.
  private static let fewestToBisect = 12

  /// Works out the answer.
  ///
  /// - Parameters:
  ///   - question: The question.
  ///   - scenario: What it is asked of.
  ///   - folder: Finds the files that the scenario names.
  ///   - jobs: Threads; the answer does not depend on it.
  ///   - progress: Called with the number of runs finished.
  /// - Throws: ``StudyError`` for a question that cannot be asked, and what a run throws. VMs
  ///   that have no room are no error: the candidate does not meet the goals.
  public init(
    _ question: Question, of scenario: ScenarioFile, folder: ScenarioFolder, jobs: Int,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws {
    guard let levels = question.axis.levels else {
      throw StudyError("\(question.axis.path): give a step, e.g. 0.5..1.5:0.1")
    }
    guard levels.count <= Self.mostLevels else {
      throw StudyError("\(question.axis.path): \(levels.count) values; give a wider step")
    }
    guard !question.goals.isEmpty else { throw StudyError("there is no goal") }
    let variants = try levels.map {
      try scenario.setting([question.axis.setting($0)], folder: folder)
    }
    let policies = try variants.map { try $0.spec.policy(question.policy) }
    let metrics = question.goals.map(\.metric) + (question.price.map { [$0] } ?? [])
    let runner = CandidateRunner(
      variants: variants, policies: policies, metrics: metrics, seedCount: question.seedCount,
      jobs: jobs, progress: progress)
    var candidates = [Candidate?](repeating: nil, count: levels.count)
    let bisects =
      question.search == .bisection
      || (question.search == .automatic && levels.count >= Self.fewestToBisect)
    let (result, scores) = try WhatIfSearch.run(count: levels.count, bisects: bisects) { open in
      let outcomes = try runner.run(open)
      return zip(open, outcomes).map { position, outcome in
        let made = Self.candidate(levels[position], outcome, question.goals)
        candidates[position] = made
        let price = question.price == nil ? Double(position) : made.mean(metrics.count - 1)
        return CandidateScore(isMet: made.isMet, price: price)
      }
    }
    self.question = question
    self.scenario = scenario
    policy = policies.first?.label ?? ""
    self.metrics = metrics
    self.candidates = candidates.compactMap { $0 }
    answer = WhatIfSearch.best(scores).map { best in
      candidates[..<best].count { $0 != nil }
    }
    levelCount = levels.count
    isComplete = result == .scanned
  }

  private static func candidate(
    _ value: String, _ outcome: CandidateOutcome, _ goals: [WhatIfGoal]
  ) -> Candidate {
    var made = Candidate(value: value, figures: [], obstacle: nil, isMet: false)
    switch outcome {
    case .obstacle(let reason): made.obstacle = reason
    case .figures(let figures):
      made.figures = figures
      made.isMet = goals.indices.allSatisfy { goals[$0].isMet(by: made.mean($0)) }
    }
    return made
  }
}

/// What came of running a candidate.
enum CandidateOutcome: Sendable {
  /// Values `[metric][seed]`.
  case figures([[Double]])
  /// Why it cannot be run.
  case obstacle(String)
}

/// Runs candidates under all seeds on several threads.
private struct CandidateRunner: Sendable {
  let variants: [ScenarioFile]
  let policies: [PolicySpec]
  let metrics: [Metric]
  let seedCount: Int
  let jobs: Int
  let progress: @Sendable (Int) -> Void
  private let finished = FinishedCount()

  init(
    variants: [ScenarioFile], policies: [PolicySpec], metrics: [Metric], seedCount: Int,
    jobs: Int, progress: @escaping @Sendable (Int) -> Void
  ) {
    self.variants = variants
    self.policies = policies
    self.metrics = metrics
    self.seedCount = seedCount
    self.jobs = jobs
    self.progress = progress
  }

  func run(_ positions: [Int]) throws -> [CandidateOutcome] {
    let results = Mutex<[Result<RunResult, any Error>?]>(
      Array(repeating: nil, count: positions.count * seedCount))
    parallelFor(positions.count * seedCount, threads: jobs) { index in
      let position = positions[index / seedCount]
      let scenario = variants[position]
      let seed = UInt64(scenario.spec.seed + index % seedCount)
      let result = Result {
        try ComparisonRunner.runOne(
          scenario: scenario, policy: policies[position], seed: seed, output: nil)
      }
      results.withLock { $0[index] = result }
      finished.add(then: progress)
    }
    let all = results.withLock { $0 }
    return try positions.indices.map { index in
      try outcome(of: all[index * seedCount..<(index + 1) * seedCount].compactMap { $0 })
    }
  }

  private func outcome(of runs: [Result<RunResult, any Error>]) throws -> CandidateOutcome {
    var values = [[Double]](repeating: [], count: metrics.count)
    for run in runs {
      do {
        let result = try run.get()
        for (index, metric) in metrics.enumerated() {
          values[index].append(Metric.position(of: metric.name).map { result.metrics[$0] } ?? .nan)
        }
      } catch let error as PlantSetupError {
        return .obstacle("\(error)")
      }
    }
    return .figures(values)
  }
}

/// Counts from several threads.
private final class FinishedCount: Sendable {
  private let count = Mutex(0)

  func add(then report: (Int) -> Void) {
    count.withLock {
      $0 += 1
      report($0)
    }
  }
}
