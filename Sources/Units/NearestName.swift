// SPDX-License-Identifier: Apache-2.0

/// The candidate that a person most likely meant by `name`, or nil when none is close.
///
/// Close means a Damerau–Levenshtein distance (optimal string alignment, case folded) of at most
/// a third of the longer text, and at least one. Ties go to the earlier candidate.
public func nearestName(to name: String, in candidates: [String]) -> String? {
  let wanted = Array(name.lowercased().unicodeScalars)
  guard wanted.count <= 200 else { return nil }
  var best: (distance: Int, name: String)?
  for candidate in candidates {
    let other = Array(candidate.lowercased().unicodeScalars)
    let limit = max(1, max(wanted.count, other.count) / 3)
    guard abs(wanted.count - other.count) <= limit else { continue }
    let distance = editDistance(wanted, other)
    if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
  }
  return best?.name
}

/// Optimal-string-alignment distance: insert, delete, replace and swap of neighbours cost one each.
func editDistance<Element: Equatable>(_ left: [Element], _ right: [Element]) -> Int {
  var twoBack = [Int](repeating: 0, count: right.count + 1)
  var previous = Array(0...right.count)
  for i in left.indices {
    var current = [i + 1] + [Int](repeating: 0, count: right.count)
    for j in right.indices {
      let replace = previous[j] + (left[i] == right[j] ? 0 : 1)
      current[j + 1] = min(replace, previous[j + 1] + 1, current[j] + 1)
      if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
        current[j + 1] = min(current[j + 1], twoBack[j - 1] + 1)
      }
    }
    (twoBack, previous) = (previous, current)
  }
  return previous[right.count]
}
