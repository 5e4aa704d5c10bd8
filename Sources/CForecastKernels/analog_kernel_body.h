// SPDX-License-Identifier: Apache-2.0
// For one instruction set: included once for each, with KERNEL_TARGET (an attribute) and
// KERNEL_NAME (adds a suffix to a name) defined.

KERNEL_TARGET static void KERNEL_NAME(distances)(
    size_t count, const float *restrict loads, const float *restrict fasts,
    const float *restrict slows, foreshadow_moment now, float slow_weight, float scale,
    const float *restrict penalties, float *restrict result) {
  for (size_t i = 0; i < count; i++) {
    float a = loads[i] - now.load, b = fasts[i] - now.fast, c = slows[i] - now.slow;
    result[i] = (a * a + b * b + slow_weight * c * c) * scale + penalties[i];
  }
}

KERNEL_TARGET static void KERNEL_NAME(add)(
    size_t count, const float *restrict distances, const float *restrict penalties,
    const float *restrict before, float now, float weight, float scale, float *restrict result) {
  for (size_t i = 0; i < count; i++) {
    float d = before[i] - now;
    result[i] = distances[i] + penalties[i] + weight * d * d * scale;
  }
}

/// One bit for each of eight entries that are nearer than `worst` and have an outcome.
KERNEL_TARGET static inline unsigned KERNEL_NAME(hits)(
    const float *distances, const float *outcomes, float worst) {
  typedef bool b8 __attribute__((ext_vector_type(8)));
  v8f outcome = load(outcomes);
  v8i is_hit = (v8i)(load(distances) < SPLAT(worst)) & (v8i)(outcome == outcome);
  b8 bits = __builtin_convertvector(is_hit, b8);
  unsigned char result;
  memcpy(&result, &bits, 1);
  return result;
}

/// Sorts `count` candidates by distance, the earlier first of equals, and keeps the first `wanted`;
/// returns how many are left. The memory behind them, up to the next eight, is overwritten.
///
/// Everyone's place is the number of those before it: all against all, but without a branch that
/// depends on the data, which for the fifty that there usually are beats any sort.
KERNEL_TARGET static size_t KERNEL_NAME(keep_nearest)(
    size_t count, size_t wanted, float *distances, float *outcomes) {
  float sorted_distances[CANDIDATES], sorted_outcomes[CANDIDATES];
  const size_t blocks = (count + 7) / 8;
  for (size_t i = count; i < 8 * blocks; i++) distances[i] = INFINITY;
  const v8i lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  for (size_t i = 0; i < count; i++) {
    const v8f distance = SPLAT(distances[i]);
    const int lane = (int)(i % 8);
    const v8i own_lane = {lane, lane, lane, lane, lane, lane, lane, lane};
    const v8f own = load(distances + i - (size_t)lane);
    // Comparisons are -1 where they hold.
    v8i before = (v8i)(own < distance) | ((v8i)(own == distance) & (lanes < own_lane));
    for (size_t block = 0; block < i / 8; block++)
      before += (v8i)(load(distances + 8 * block) <= distance);
    for (size_t block = i / 8 + 1; block < blocks; block++)
      before += (v8i)(load(distances + 8 * block) < distance);
    const size_t place = (size_t)-__builtin_reduce_add(before);
    sorted_distances[place] = distances[i];
    sorted_outcomes[place] = outcomes[i];
  }
  const size_t kept = count < wanted ? count : wanted;
  memcpy(distances, sorted_distances, kept * sizeof(float));
  memcpy(outcomes, sorted_outcomes, kept * sizeof(float));
  return kept;
}

/// One bit for each of at most 64 entries that are nearer than `worst` and have an outcome.
KERNEL_TARGET static inline uint64_t KERNEL_NAME(hits_of_word)(
    size_t count, const float *distances, const float *outcomes, float worst) {
  uint64_t hits = 0;
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    hits |= (uint64_t)KERNEL_NAME(hits)(distances + i, outcomes + i, worst) << i;
  for (; i < count; i++)
    hits |= (uint64_t)(distances[i] < worst && outcomes[i] == outcomes[i]) << i;
  return hits;
}

KERNEL_TARGET static size_t KERNEL_NAME(nearest)(
    size_t count, const float *distances, const float *outcomes, size_t wanted, float *bound,
    float *found_outcomes) {
  float near_distances[CANDIDATES], near_outcomes[CANDIDATES];
  size_t found = 0;
  float worst = nextafterf(*bound, INFINITY);
  for (size_t start = 0; start < count; start += 64) {
    const size_t rest = count - start < 64 ? count - start : 64;
    uint64_t hits = KERNEL_NAME(hits_of_word)(rest, distances + start, outcomes + start, worst);
    for (; hits != 0; hits &= hits - 1) {
      const size_t entry = start + (size_t)__builtin_ctzll(hits);
      near_distances[found] = distances[entry];
      near_outcomes[found++] = outcomes[entry];
    }
    if (found < ENOUGH && start + 64 < count) continue;
    found = KERNEL_NAME(keep_nearest)(found, wanted, near_distances, near_outcomes);
    if (found == wanted) worst = near_distances[wanted - 1];
  }
  memcpy(found_outcomes, near_outcomes, found * sizeof(float));
  if (found == wanted) *bound = worst;
  return found;
}
