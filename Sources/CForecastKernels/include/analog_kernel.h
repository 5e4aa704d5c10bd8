// SPDX-License-Identifier: Apache-2.0
// The inner loops of a search for past moments like the present one (AnalogSearch.swift).
//
// Why C: see lstm_kernel.h.
#ifndef FORESHADOW_ANALOG_KERNEL_H
#define FORESHADOW_ANALOG_KERNEL_H

#include <stddef.h>

/// The most neighbours that can be wanted.
enum { FORESHADOW_ANALOG_MOST = 64 };

/// A moment: the load, a fast and a slow average of it.
typedef struct {
  float load, fast, slow;
} foreshadow_moment;

/// distances[i] = ((loads[i] - now.load)^2 + (fasts[i] - now.fast)^2
///                 + slow_weight (slows[i] - now.slow)^2) scale + penalties[i].
void foreshadow_analog_distances(
    size_t count, const float *loads, const float *fasts, const float *slows,
    foreshadow_moment now, float slow_weight, float scale, const float *penalties,
    float *distances);

/// result[i] = distances[i] + penalties[i] + weight (before[i] - now)^2 scale.
void foreshadow_analog_add(
    size_t count, const float *distances, const float *penalties, const float *before, float now,
    float weight, float scale, float *result);

/// Writes the outcomes of the `wanted` nearest entries (at most FORESHADOW_ANALOG_MOST), nearest
/// first and of equally near ones the earlier first. Entries whose distance or outcome is NaN are
/// passed over, as are those farther than *bound; returns how many were found, and leaves in *bound
/// the distance of the last one when all were.
size_t foreshadow_analog_nearest(
    size_t count, const float *distances, const float *outcomes, size_t wanted, float *bound,
    float *found_outcomes);

#endif
