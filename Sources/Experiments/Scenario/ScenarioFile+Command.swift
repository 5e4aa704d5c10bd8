// SPDX-License-Identifier: Apache-2.0

extension ScenarioFile {
  /// The command that gives a run of this scenario again.
  ///
  /// It says what the results depend on and no more: not where they were written to, nor on how
  /// many threads, so that files of equal runs are equal byte for byte.
  func runCommand(policy: String, seed: UInt64) -> String {
    command("run", "--policy", policy, "--seed", String(seed))
  }

  /// The command that gives a comparison with this scenario again.
  package func compareCommand(policies: [String], seedCount: Int) -> String {
    command(
      "compare", "--policies", policies.joined(separator: ","), "--seeds", String(seedCount))
  }

  /// The command that writes a baseline of this scenario.
  package func checkCommand(baseline: String, policies: [String], seedCount: Int) -> String {
    command(
      "check", "--update", "--baseline", baseline, "--policies",
      policies.joined(separator: ","), "--seeds", String(seedCount), scenarioOption: true)
  }

  private func command(_ verb: String, _ options: String..., scenarioOption: Bool = false)
    -> String
  {
    // The file without its folder, which is the user's affair.
    let file = name.split(separator: "/").last.map(String.init) ?? name
    let settings = overrides.flatMap { ["--set", "\($0.path)=\($0.value)"] }
    return
      (["foreshadow", verb] + (scenarioOption ? ["--scenario"] : []) + [file] + options + settings)
      .map(shellQuoted)
      .joined(separator: " ")
  }

  /// One word of a command line, as POSIX shells read it.
  private func shellQuoted(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./,=:+%@".utf8.contains(byte)
      }
    }
    if isPlain && !word.isEmpty { return word }
    let parts = word.split(separator: "'", omittingEmptySubsequences: false)
    return "'" + parts.joined(separator: "'\\''") + "'"
  }
}
