// SPDX-License-Identifier: Apache-2.0
// The HOLD workload on std::priority_queue: the opponent of Benchmarks/Sources/KernelBenchmark.
//
// N events are pending; each hop takes the earliest and schedules it again: Exp(1 s) later, or 60 s
// later (all events at one time), or Exp(100 us) and every eighth time Exp(1000 s) later. The event
// is as large as the Swift kernel's (time, sequence, entity: 24 bytes) and the order is the same
// (time, then sequence). Time is in double seconds, as is usual in C++ simulators.
//
// Usage: hold N HOPS exponential|lockstep|bimodal
// Prints the CPU seconds of the hops and the end clock.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <queue>
#include <string>
#include <vector>

struct Event {
  double time;
  uint64_t sequence;
  uint32_t entity;
};

struct Later {
  bool operator()(const Event& a, const Event& b) const {
    return a.time > b.time || (a.time == b.time && a.sequence > b.sequence);
  }
};

static uint64_t state = 42;

enum class Spacing { exponential, lockstep, bimodal };

// Seconds until an event's next hop.
static double increment(Spacing spacing) {
  state += 0x9E3779B97F4A7C15u;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  z ^= z >> 31;
  if (spacing == Spacing::lockstep) return 60;
  const double unit = -std::log(1.0 - static_cast<double>(z >> 11) * 0x1p-53);
  if (spacing == Spacing::exponential) return unit;
  return (z & 7) != 0 ? 1e-4 * unit : 1e3 * unit;
}

static double cpuSeconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: hold N HOPS exponential|lockstep|bimodal\n");
    return 64;
  }
  const std::string name = argv[3];
  const Spacing spacing = name == "lockstep"  ? Spacing::lockstep
                          : name == "bimodal" ? Spacing::bimodal
                                              : Spacing::exponential;
  const uint64_t pending = std::strtoull(argv[1], nullptr, 10);
  const uint64_t hops = std::strtoull(argv[2], nullptr, 10);
  std::vector<Event> storage;
  storage.reserve(pending + 1);
  std::priority_queue<Event, std::vector<Event>, Later> queue(Later(), std::move(storage));
  uint64_t sequence = 0;
  for (uint64_t entity = 0; entity < pending; ++entity)
    queue.push({increment(spacing), sequence++, static_cast<uint32_t>(entity)});
  double clock = 0;
  const double start = cpuSeconds();
  for (uint64_t hop = 0; hop < hops; ++hop) {
    const Event event = queue.top();
    queue.pop();
    clock = event.time;
    queue.push({clock + increment(spacing), sequence++, event.entity});
  }
  std::printf("{\"cpuSeconds\": %.9f, \"endClock\": %.12f}\n", cpuSeconds() - start, clock);
}
