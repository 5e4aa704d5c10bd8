// SPDX-License-Identifier: Apache-2.0
// One step of an LSTM layer for many series, fused: gates, activations and state in one pass.
//
// Why C: the step is bound by the vector unit, and Swift can't compile one function for a wider one
// than the whole program. Matrix product and activations as separate passes (BLAS and then a loop)
// took twice as long, because the gates of 10 000 series don't fit the cache between them.
#ifndef FORESHADOW_LSTM_KERNEL_H
#define FORESHADOW_LSTM_KERNEL_H

#include <stddef.h>

/// Units that are computed together, of which the hidden width must be a multiple, and the largest
/// hidden width.
enum { FORESHADOW_LSTM_LANES = 8, FORESHADOW_LSTM_WIDEST = 512 };

/// Advances `rows` series by one step.
///
/// With z = bias + W x + U h: i, f, o = logistic(z_i, z_f, z_o), g = tanh(z_g), c <- f c + i g,
/// h <- o tanh(c). Activations are exact to about 1e-6 (absolute).
///
/// - rows, inputs, hidden: sizes; hidden is a multiple of FORESHADOW_LSTM_LANES, at most
///   FORESHADOW_LSTM_WIDEST.
/// - x: inputs [row, inputs].
/// - weights: for each block of 8 units, for each of the inputs and then the hidden values, for
///   each gate i, f, g, o, the 8 weights: [hidden / 8, inputs + hidden, 4, 8].
/// - bias: [hidden / 8, 4, 8].
/// - h, c: state [row, hidden], replaced.
void foreshadow_lstm_step(
    size_t rows, size_t inputs, size_t hidden, const float *x, const float *weights,
    const float *bias, float *h, float *c);

/// A dense layer that sees two inputs side by side: result = bias + A a + B b for each row.
///
/// - rows, a_width, b_width, outputs: sizes; padded is `outputs` rounded up to a multiple of
///   FORESHADOW_LSTM_LANES.
/// - a, b: inputs [row, a_width] and [row, b_width].
/// - weights: those of a and then of b, [a_width + b_width, padded].
/// - bias: [padded].
/// - result: [row, outputs].
void foreshadow_dense(
    size_t rows, size_t a_width, size_t b_width, size_t outputs, const float *a, const float *b,
    const float *weights, const float *bias, float *result);

#endif
