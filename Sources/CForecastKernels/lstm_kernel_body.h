// SPDX-License-Identifier: Apache-2.0
// The step for one instruction set: included once for each, with LSTM_TARGET (an attribute) and
// LSTM_NAME (adds a suffix to a name) defined.

/// e^z for z in [-20, 20]; beyond it is held at the end, where logistic and tanh are flat.
///
/// e^z = 2^n 2^f, n = round(z log2 e), and the Taylor series of 2^f to the sixth power: for
/// |f| <= 1/2 the rest is below (ln 2 / 2)^7 / 7! = 1.2e-7.
LSTM_TARGET static inline v16f LSTM_NAME(exponential)(v16f z) {
  z = __builtin_elementwise_min(__builtin_elementwise_max(z, SPLAT16(-20.0f)), SPLAT16(20.0f));
  v16f t = z * SPLAT16(1.44269504f);
  // Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits.
  const v16f magic = SPLAT16(12582912.0f);
  v16f shifted = t + magic;
  v16f f = t - (shifted - magic);
  v16f p = SPLAT16(1.54035304e-4f);
  p = p * f + SPLAT16(1.33335581e-3f);
  p = p * f + SPLAT16(9.61812911e-3f);
  p = p * f + SPLAT16(5.55041087e-2f);
  p = p * f + SPLAT16(2.40226507e-1f);
  p = p * f + SPLAT16(6.93147181e-1f);
  p = p * f + SPLAT16(1.0f);
  return (v16f)((v16i)p + ((v16i)shifted << 23));
}

/// Activations of 8 units of two rows from their gate sums, side by side so that one row's chain of
/// operations fills the waits of the other's. Each quotient of exponentials is brought to one
/// denominator: two divisions instead of five.
LSTM_TARGET static inline void LSTM_NAME(activate)(
    v16f zi, v16f zf, v16f zg, v16f zo, float *h0, float *h1, float *c0, float *c1) {
  const v16f one = SPLAT16(1.0f);
  v16f c = JOIN(load(c0), load(c1));
  v16f input = one + LSTM_NAME(exponential)(-zi);
  v16f forget = one + LSTM_NAME(exponential)(-zf);
  v16f candidate = LSTM_NAME(exponential)(SPLAT16(-2.0f) * zg);
  v16f output = one + LSTM_NAME(exponential)(-zo);
  v16f ig = input * (one + candidate);
  c = (c * ig + (one - candidate) * forget) / (ig * forget);
  v16f e = LSTM_NAME(exponential)(SPLAT16(-2.0f) * c);
  v16f h = (one - e) / (output * (one + e));
  store(c0, LOW(c));
  store(c1, HIGH(c));
  store(h0, LOW(h));
  store(h1, HIGH(h));
}

/// Adds the products of one value a row (two rows) to the gate sums.
#define LSTM_ADD(value0, value1)               \
  do {                                         \
    const v8f v0 = SPLAT(value0);              \
    const v8f v1 = SPLAT(value1);              \
    const v8f wi = load(w), wf = load(w + 8);  \
    i0 += wi * v0, i1 += wi * v1;              \
    f0 += wf * v0, f1 += wf * v1;              \
    const v8f wg = load(w + 16), wo = load(w + 24); \
    g0 += wg * v0, g1 += wg * v1;              \
    o0 += wo * v0, o1 += wo * v1;              \
    w += 32;                                   \
  } while (0)

/// One block of 8 units of two rows; for a last single row both are the same one.
LSTM_TARGET static inline void LSTM_NAME(block)(
    size_t inputs, size_t hidden, const float *x0, const float *x1, const float *h0,
    const float *h1, const float *w, const float *bias, float *next0, float *next1, float *c0,
    float *c1) {
  v8f i0 = load(bias), f0 = load(bias + 8), g0 = load(bias + 16), o0 = load(bias + 24);
  v8f i1 = i0, f1 = f0, g1 = g0, o1 = o0;
  for (size_t k = 0; k < inputs; k++) LSTM_ADD(x0[k], x1[k]);
  for (size_t k = 0; k < hidden; k++) LSTM_ADD(h0[k], h1[k]);
  LSTM_NAME(activate)(
      JOIN(i0, i1), JOIN(f0, f1), JOIN(g0, g1), JOIN(o0, o1), next0, next1, c0, c1);
}

#undef LSTM_ADD

LSTM_TARGET static void LSTM_NAME(step)(
    size_t rows, size_t inputs, size_t hidden, const float *x, const float *weights,
    const float *bias, float *h, float *c) {
  // All blocks of a row read the old hidden values, so the new ones wait here.
  float next[2 * FORESHADOW_LSTM_WIDEST];
  const size_t block_size = (inputs + hidden) * 32;
  for (size_t row = 0; row < rows; row += 2) {
    const size_t second = row + 1 < rows ? row + 1 : row;
    for (size_t block = 0; block < hidden / 8; block++)
      LSTM_NAME(block)(
          inputs, hidden, x + row * inputs, x + second * inputs, h + row * hidden,
          h + second * hidden, weights + block * block_size, bias + block * 32,
          next + 8 * block, next + hidden + 8 * block, c + row * hidden + 8 * block,
          c + second * hidden + 8 * block);
    memcpy(h + row * hidden, next, hidden * sizeof(float));
    if (second != row) memcpy(h + second * hidden, next + hidden, hidden * sizeof(float));
  }
}

/// Sums of 16 outputs of four rows: eight accumulators, so that no product waits for another.
LSTM_TARGET static inline void LSTM_NAME(dense_tile)(
    size_t width, size_t padded, const float *const rows[4], const float *weights,
    v8f sums[4][2]) {
  for (size_t k = 0; k < width; k++, weights += padded) {
    const v8f w0 = load(weights), w1 = load(weights + 8);
    for (size_t row = 0; row < 4; row++) {
      const v8f value = SPLAT(rows[row][k]);
      sums[row][0] += w0 * value;
      sums[row][1] += w1 * value;
    }
  }
}

/// The same of the last 8 outputs.
LSTM_TARGET static inline void LSTM_NAME(dense_half_tile)(
    size_t width, size_t padded, const float *const rows[4], const float *weights,
    v8f sums[4][2]) {
  for (size_t k = 0; k < width; k++, weights += padded) {
    const v8f w = load(weights);
    for (size_t row = 0; row < 4; row++) sums[row][0] += w * SPLAT(rows[row][k]);
  }
}

LSTM_TARGET static void LSTM_NAME(dense)(
    size_t rows, size_t a_width, size_t b_width, size_t outputs, const float *a, const float *b,
    const float *weights, const float *bias, float *result) {
  const size_t padded = (outputs + 7) / 8 * 8;
  for (size_t start = 0; start < rows; start += 4) {
    // Rows beyond the last one repeat it, and are not stored.
    const float *a_rows[4], *b_rows[4];
    for (size_t i = 0; i < 4; i++) {
      const size_t row = start + i < rows ? start + i : rows - 1;
      a_rows[i] = a + row * a_width;
      b_rows[i] = b + row * b_width;
    }
    for (size_t first = 0; first < padded; first += 16) {
      const size_t lanes = padded - first < 16 ? 8 : 16;
      const float *w = weights + first;
      const v8f bias0 = load(bias + first);
      const v8f bias1 = lanes == 16 ? load(bias + first + 8) : bias0;
      v8f sums[4][2] = {{bias0, bias1}, {bias0, bias1}, {bias0, bias1}, {bias0, bias1}};
      if (lanes == 16) {
        LSTM_NAME(dense_tile)(a_width, padded, a_rows, w, sums);
        LSTM_NAME(dense_tile)(b_width, padded, b_rows, w + a_width * padded, sums);
      } else {
        LSTM_NAME(dense_half_tile)(a_width, padded, a_rows, w, sums);
        LSTM_NAME(dense_half_tile)(b_width, padded, b_rows, w + a_width * padded, sums);
      }
      const size_t kept = outputs - first < lanes ? outputs - first : lanes;
      for (size_t i = 0; i < 4 && start + i < rows; i++)
        memcpy(result + (start + i) * outputs + first, sums[i], kept * sizeof(float));
    }
  }
}
