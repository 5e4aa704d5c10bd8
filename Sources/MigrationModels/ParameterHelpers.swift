// SPDX-License-Identifier: Apache-2.0
import Units

/// A hundred years: longer than any run, short enough to add without overflow.
let longestTimeSeconds = 3.2e9

extension ParameterSource {
  /// A length of time of which zero means "no limit" (nil).
  mutating func timeLimit(_ key: String, default fallback: SimTime?, about: String) -> SimTime? {
    let value = time(key, default: fallback ?? .zero, about: about)
    return value > .zero ? value : nil
  }
  /// A count of which zero means "no limit" (nil).
  mutating func limit(_ key: String, default fallback: Int?, about: String) -> Int? {
    let value = integer(key, default: fallback ?? 0, in: 0...1_000_000_000, about: about)
    return value > 0 ? value : nil
  }
  /// One of the cases of an enumeration, by its raw name.
  mutating func named<Name: RawRepresentable<String> & CaseIterable>(
    _ key: String, default fallback: Name, about: String
  ) -> Name {
    let names = Name.allCases.map(\.rawValue)
    let name = choice(key, default: fallback.rawValue, of: names, about: about)
    return Name(rawValue: name) ?? fallback
  }
}
