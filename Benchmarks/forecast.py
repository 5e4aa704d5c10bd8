#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Forecasts of 100 000 VMs × 3 horizons by the default model, CPU time on one core.

Measured on a share of the VMs, whose state is already several times larger than the cache, and
multiplied: making 100 000 states by living through two days takes half an hour. Run by scripts/bench.
"""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
SERIES, WANTED_SERIES = 5_000, 100_000
TARGET_SECONDS = 1.0


def main():
    swift = ["swift", "build", "-c", "release", "--package-path", str(HERE)]
    jobs = os.environ.get("BENCH_JOBS", str(os.cpu_count()))
    subprocess.run(
        swift + ["-j", jobs, "--product", "ForecastingBenchmark"], check=True, stdout=sys.stderr)
    bin_path = subprocess.run(
        swift + ["--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    program = pathlib.Path(bin_path) / "ForecastingBenchmark"
    environment = dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    result = json.loads(subprocess.run(
        [program, "forecast", str(SERIES)], check=True, capture_output=True, text=True,
        env=environment).stdout)
    seconds = result["forecastCpuSeconds"] * WANTED_SERIES / SERIES
    print(f"{WANTED_SERIES} VMs × 3 horizons: {seconds:.2f} s of CPU", file=sys.stderr)
    print(json.dumps({
        "workload": "default model, horizons 5 min, 1 h, 1 day, seven quantiles",
        "measuredSeries": SERIES,
        "microsecondsPerSeries": round(result["forecastCpuSeconds"] / SERIES * 1e6, 3),
        "secondsFor100000Series": round(seconds, 3),
        "observeMicrosecondsPerValueWithTraining": round(result["makeMicrosecondsPerValue"], 3),
        "targetSeconds": TARGET_SECONDS, "targetsMet": seconds <= TARGET_SECONDS,
    }))


main()
