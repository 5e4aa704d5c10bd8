#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ARIMA(2,0,1) by maximum likelihood: 1008 points a series, against statsforecast, one thread each.

Series look like CPU load: a level, a daily wave, autocorrelated noise and spikes. Both programs run in
turn and count their CPU time; each of our fits must be at least as likely as the peer's. Needs `scripts/bootstrap bench`.
"""
import json
import math
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
PYTHON = HERE.parent / ".venv-bench" / "bin" / "python"
SERIES, LENGTH = 40, 1008
REPETITIONS = 5
TARGET_RATIO = 3
# How much less likely than the peer's an optimum of ours may be.
TOLERANCE = 1e-3


def series(number):
    draw = random.Random(number)
    phi = draw.uniform(0.5, 0.95)
    theta = draw.uniform(-0.4, 0.4)
    values, state, shock = [], 0.0, 0.0
    for step in range(LENGTH):
        new = draw.gauss(0, 2)
        state = phi * state + new + theta * shock
        shock = new
        wave = draw.uniform(0, 1) * math.sin(2 * math.pi * step / 288)
        spike = 30 if draw.random() < 0.002 else 0
        values.append(max(0.0, 25 + wave + state + spike))
    return values


def build():
    swift = ["swift", "build", "-c", "release", "--package-path", str(HERE)]
    jobs = os.environ.get("BENCH_JOBS", str(os.cpu_count()))
    subprocess.run(
        swift + ["-j", jobs, "--product", "ArimaBenchmark"], check=True, stdout=sys.stderr)
    path = subprocess.run(
        swift + ["--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    return pathlib.Path(path) / "ArimaBenchmark"


def run(*command):
    environment = dict(os.environ)
    for name in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        environment[name + "_NUM_THREADS"] = "1"
    return json.loads(subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment).stdout)


def main():
    if not PYTHON.exists():
        sys.exit("arima: no .venv-bench; run scripts/bootstrap bench")
    program = build()
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        for number in range(SERIES):
            file.write(",".join(f"{value:.3f}" for value in series(number)) + "\n")
        file.flush()
        ours, quick, theirs = [], [], []
        for _ in range(REPETITIONS):
            ours.append(run(program, file.name, "thorough"))
            quick.append(run(program, file.name, "quick"))
            theirs.append(run(PYTHON, HERE / "peers" / "arima_statsforecast.py", file.name))
    gap = min(a - b for a, b in zip(ours[0]["logLikelihoods"], theirs[0]["logLikelihoods"]))
    if gap < -TOLERANCE:
        sys.exit(f"arima: a fit is {-gap:.4f} less likely than the peer's")
    milliseconds = [statistics.median(r["seconds"] for r in runs) / SERIES * 1e3
                    for runs in (ours, quick, theirs)]
    ratio = milliseconds[2] / milliseconds[0]
    print(f"thorough {milliseconds[0]:.2f} ms, quick {milliseconds[1]:.2f} ms, statsforecast "
          f"{milliseconds[2]:.2f} ms: ratio {ratio:.2f}", file=sys.stderr)
    print(json.dumps({
        "workload": f"ARIMA(2,0,1) fits of {SERIES} series of {LENGTH} points, one thread",
        "repetitions": REPETITIONS, "cpuMillisecondsPerFit": round(milliseconds[0], 3),
        "cpuMillisecondsPerQuickFit": round(milliseconds[1], 3),
        "statsforecastVersion": theirs[0]["version"],
        "statsforecastCpuMillisecondsPerFit": round(milliseconds[2], 3),
        "leastLikelihoodGain": round(gap, 6),
        "ratio": round(ratio, 2), "pairedRatioLeast": round(
            min(b["seconds"] / a["seconds"] for a, b in zip(ours, theirs)), 2),
        "targetRatio": TARGET_RATIO, "targetsMet": ratio >= TARGET_RATIO,
    }))


main()
