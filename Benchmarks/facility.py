#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A day of a data center's heat and power: every rack changes every five minutes.

The figure is process CPU time, which other jobs on the machine disturb less than wall time. Run by
scripts/bench.
"""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent

# Racks, recirculation, seconds allowed (None: measured only).
CASES = [(40, "layout", None), (1000, "layout", 5.0), (1000, "full", 5.0)]
# Books close to this share of the total.
TOLERANCE = 1e-9


def build():
    swift = ["swift", "build", "-c", "release", "--package-path", str(HERE)]
    jobs = os.environ.get("BENCH_JOBS", str(os.cpu_count()))
    subprocess.run(
        swift + ["-j", jobs, "--product", "FacilityBenchmark"], check=True, stdout=sys.stderr)
    bin_path = subprocess.run(swift + ["--show-bin-path"], check=True, capture_output=True, text=True)
    return pathlib.Path(bin_path.stdout.strip()) / "FacilityBenchmark"


def measure(program, racks, kind, limit):
    output = subprocess.run([program, str(racks), kind], check=True, capture_output=True, text=True)
    result = json.loads(output.stdout)
    for book in ("heatResidual", "electricityResidual"):
        if abs(result[book]) > TOLERANCE:
            sys.exit(f"{racks} racks, {kind}: {book} is {result[book]}")
    print(f"{racks} racks, {kind}: {result['cpuSeconds']:.2f} s a day", file=sys.stderr)
    return {
        "racks": racks, "recirculation": kind, "cpuSecondsADay": round(result["cpuSeconds"], 3),
        "pue": round(result["pue"], 4), "limitSeconds": limit,
        "targetMet": limit is None or result["cpuSeconds"] <= limit,
    }


def main():
    program = build()
    cases = [measure(program, *case) for case in CASES]
    print(json.dumps({"cases": cases, "targetsMet": all(c["targetMet"] for c in cases)}))


if __name__ == "__main__":
    main()
