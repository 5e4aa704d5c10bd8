// SPDX-License-Identifier: Apache-2.0
// Test bench: reads configurations and vectors as little-endian 32-bit integers from a file and
// prints, per run, cycles, a hash of every h as it is written, and the head's outputs.
//
//   0 N threshold values…                                     -> "decision cycles least index reaching"
//   U B I H O runs loadInterval stallPeriod stalled lengths[B]
//     x[B][length][I] (the same for all runs) then, per run, lines · 4U weights
//                                                             -> per run "run cycles hash y…"
// The file begins with the two function tables, 1024 entries each: sigmoid, tanh.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "Vbench_top.h"
#include "verilated.h"

namespace {

VerilatedContext context;
Vbench_top top{&context};
FILE* input = nullptr;
std::vector<int32_t> sigmoid_table(1024), tanh_table(1024);
bool has_tables[9] = {};

bool read_number(int32_t& value) { return fread(&value, sizeof value, 1, input) == 1; }

int32_t number() {
  int32_t value = 0;
  if (!read_number(value)) {
    fprintf(stderr, "bench: the file ends early\n");
    exit(1);
  }
  return value;
}

void tick() {
  top.clk = 1;
  top.eval();
  top.clk = 0;
  top.eval();
}

void reset() {
  top.rst = 1;
  tick();
  tick();
  top.rst = 0;
}

void write_tables(int units) {
  if (has_tables[units]) return;
  has_tables[units] = true;
  for (int which = 0; which < 2; which++)
    for (int entry = 0; entry < 1024; entry++) {
      top.table_write = 1;
      top.table_tanh = which;
      top.table_address = entry;
      top.table_data = (which ? tanh_table : sigmoid_table)[entry];
      tick();
    }
  top.table_write = 0;
}

// One of the 16-bit words of a wide port.
template <typename Port>
int16_t word(const Port& port, int index) {
  return int16_t(port[index / 2] >> (index % 2 * 16));
}

template <typename Port>
void set_word(Port& port, int index, int value) {
  const int shift = index % 2 * 16;
  port[index / 2] = (port[index / 2] & ~(0xffffu << shift)) | uint32_t(uint16_t(value)) << shift;
}

struct Hash {
  uint64_t state = 0xcbf29ce484222325u;
  void add(uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) {
      state ^= (value >> shift) & 0xff;
      state *= 0x100000001b3u;
    }
  }
};

void decide() {
  const int count = number(), threshold = number();
  top.units = 0;
  top.start = 0;
  top.eval();
  reset();
  for (int i = 0; i < count; i++) {
    top.value_write = 1;
    top.value_index = i;
    top.x_data = number();
    tick();
  }
  top.value_write = 0;
  top.count = count;
  top.table_data = threshold;
  long cycles = 0;
  top.start = 1;
  tick();
  top.start = 0;
  for (cycles = 1; !top.done; cycles++) tick();
  printf("decision %ld %d %d %d\n", cycles, int(int16_t(top.least)), int(top.least_index),
         int(top.reaching));
}

void compute(int units) {
  const int batch = number(), inputs = number(), hidden = number(), outputs = number();
  const int runs = number(), load_interval = number(), period = number(), stalled = number();
  const int lanes = 4 * units;
  const int groups = (hidden + units - 1) / units, heads = (outputs + lanes - 1) / lanes;
  const int lines = groups * (inputs + hidden + 1) + heads * (hidden + 1);
  top.units = units;
  top.start = top.stall = top.load_valid = 0;
  top.eval();
  reset();
  write_tables(units);
  top.last_input = inputs - 1;
  top.last_hidden = hidden - 1;
  top.last_group = groups - 1;
  top.last_head = heads - 1;
  top.sequences = batch;
  top.lines = lines;
  std::vector<int> lengths(batch);
  for (int s = 0; s < batch; s++) {
    lengths[s] = number();
    top.len_write = 1;
    top.len_index = s;
    top.len_data = lengths[s];
    tick();
  }
  top.len_write = 0;
  for (int s = 0; s < batch; s++)
    for (int i = 0; i < lengths[s] * inputs; i++) {
      top.x_write = 1;
      top.x_address = s << 12 | i;
      top.x_data = number();
      tick();
    }
  top.x_write = 0;
  std::vector<std::vector<int32_t>> weights(runs, std::vector<int32_t>(size_t(lines) * lanes));
  for (auto& model : weights)
    for (auto& weight : model) weight = number();

  // Cycle 0 is the one in which the first line is offered and the first start given.
  int loading = 0, line = 0, run = 0;
  long next_line = 0, started = 0;
  bool is_started = false;
  Hash hash;
  std::vector<int> results(size_t(batch) * outputs);
  for (long cycle = 0; run < runs; cycle++) {
    if (!top.busy) {
      if (is_started) {
        printf("run %ld %016lx", cycle, (unsigned long)hash.state);
        for (int y : results) printf(" %d", y);
        printf("\n");
        hash = Hash();
        is_started = false;
        if (++run == runs) break;
      }
      started = cycle;
    }
    top.start = !top.busy;
    is_started = true;
    top.stall = (cycle - started) % period < stalled;
    top.load_valid = loading < runs && cycle >= next_line;
    if (top.load_valid)
      for (int lane = 0; lane < lanes; lane++)
        set_word(top.load_data, lane, weights[loading][size_t(line) * lanes + lane]);
    top.eval();
    if (top.load_valid && top.load_ready) {
      next_line = cycle + load_interval;
      if (++line == lines) line = 0, loading++;
    }
    if (top.h_valid)
      for (int u = 0; u < units; u++)
        if (top.h_group * units + u < hidden) {
          hash.add(top.h_sequence << 8 | (top.h_group * units + u));
          hash.add(uint32_t(int32_t(word(top.h_data, u))));
        }
    if (top.y_valid)
      for (int lane = 0; lane < lanes; lane++) {
        const int output = top.y_group * lanes + lane;
        if (output < outputs)
          results[size_t(top.y_sequence) * outputs + output] = word(top.y_data, lane);
      }
    tick();
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2 || !(input = fopen(arguments[1], "rb"))) {
    fprintf(stderr, "usage: bench FILE\n");
    return 64;
  }
  for (auto& value : sigmoid_table) value = number();
  for (auto& value : tanh_table) value = number();
  for (int32_t units; read_number(units);) {
    if (units == 0) decide();
    else compute(units);
  }
  return 0;
}
