#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many engine designs the FPGA model evaluates a second on one core (process CPU time).

Run by scripts/bench.
"""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
# Evaluations a second that are the target.
TARGET = 1e6
# Sum of cycles over the reuse factors 32 ... 2048 in turn: five of the seven are published reports,
# the two largest are within a digit of theirs (Khoda et al. 2022).
DESIGNS = [1506, 2378, 3258, 5818, 10938, 17978, 33978]
COUNT = 2_000_000


def main():
    swift = ["swift", "build", "-c", "release", "--package-path", str(HERE)]
    jobs = os.environ.get("BENCH_JOBS", str(os.cpu_count()))
    subprocess.run(
        swift + ["-j", jobs, "--product", "FPGABenchmark"], check=True, stdout=sys.stderr)
    bin_path = subprocess.run(swift + ["--show-bin-path"], check=True, capture_output=True, text=True)
    program = pathlib.Path(bin_path.stdout.strip()) / "FPGABenchmark"
    result = json.loads(subprocess.run([program], check=True, capture_output=True, text=True).stdout)
    expected = sum(DESIGNS[i % len(DESIGNS)] for i in range(COUNT))
    if result["reuseSum"] != expected:
        sys.exit(f"sum of cycles {result['reuseSum']}, expected {expected}")
    rates = {name: round(result[name]) for name in ("reusePerSecond", "unitPerSecond")}
    print(rates, file=sys.stderr)
    print(json.dumps({**rates, "targetsMet": min(rates.values()) >= TARGET}))


if __name__ == "__main__":
    main()
