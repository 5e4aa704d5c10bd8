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

KERNEL_TARGET static size_t KERNEL_NAME(nearest)(
    size_t count, const float *distances, const float *outcomes, size_t wanted, float *bound,
    float *found_outcomes) {
  float found_distances[FORESHADOW_ANALOG_MOST];
  size_t found = 0;
  float worst = nextafterf(*bound, INFINITY);
  for (size_t start = 0; start < count; start += 8) {
    unsigned hits = 0;
    if (start + 8 <= count) {
      hits = KERNEL_NAME(hits)(distances + start, outcomes + start, worst);
    } else {
      for (size_t i = start; i < count; i++) {
        hits |= (unsigned)(distances[i] < worst && outcomes[i] == outcomes[i]) << (i - start);
      }
    }
    for (; hits != 0; hits &= hits - 1) {
      size_t entry = start + (size_t)__builtin_ctz(hits);
      float distance = distances[entry];
      if (!(distance < worst)) continue;
      size_t place = found < wanted ? found : wanted - 1;
      for (; place > 0 && found_distances[place - 1] > distance; place--) {
        found_distances[place] = found_distances[place - 1];
        found_outcomes[place] = found_outcomes[place - 1];
      }
      found_distances[place] = distance;
      found_outcomes[place] = outcomes[entry];
      if (found < wanted) found++;
      if (found == wanted) worst = found_distances[wanted - 1];
    }
  }
  if (found == wanted) *bound = worst;
  return found;
}
