#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How sure the regression gate (`foreshadow check`) is.

False alarms: an unchanged program under its own seeds gives equal figures and cannot fail, so the
baselines in Results/baselines are checked under other seeds, five fresh ones each time, where only
chance differs. Found worsenings: a policy is made a little worse, the true size of that is measured
over many seeds, and it is checked against baselines of five seeds, many times with other ones.
FORESHADOW_RERUNS=20 measures fewer (default 200 and 20). Run by scripts/bench.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from common.program import ROOT, build

BASELINES = sorted((ROOT / "Results/baselines").glob("*.json"))
RERUNS = int(os.environ.get("FORESHADOW_RERUNS", "200"))
GROUPS = max(2, RERUNS // 10)
SEEDS = 5
TARGET_FALSE_ALARMS, TARGET_FOUND = 0.01, 0.95
# Scenario, settings, and the worse policy; which knob worsens is a matter of the scenario.
WORSENINGS = [
    ("cooling-failure", [], "{ reactive-shadow: { threshold: 1.01 } }"),
    ("faulty-day", ["workload.synthetic.vms=80"], "{ reactive-shadow: { threshold: 1.0015 } }"),
    ("rack-power-cap", [], "{ reactive-shadow: { threshold: 0.96 } }"),
]


def call(program, *arguments, allowed=(0,)):
    result = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, cwd=ROOT)
    if result.returncode not in allowed:
        sys.exit(f"gate: {arguments} failed with status {result.returncode}: {result.stderr}")
    return result


def sets(settings):
    return [word for setting in settings for word in ("--set", setting)]


def degraded(program, scenario, settings, seeds):
    output = call(program, "compare", f"Scenarios/{scenario}.yaml", "--policies", "reactive-shadow",
                  "--seeds", seeds, "--no-files", "--json", *sets(settings)).stdout
    return sum(r["metrics"]["degradedVmSeconds"] for r in json.loads(output)["policies"][0]["runs"])


def false_alarms(program):
    alarms = {path.stem: [0, 0] for path in BASELINES}
    for rerun in range(RERUNS):
        path = BASELINES[rerun % len(BASELINES)]
        result = call(program, "check", "--baseline", path, "--seeds-from", 1000 + 10 * rerun,
                      allowed=(0, 1))
        alarms[path.stem][0] += result.returncode
        alarms[path.stem][1] += 1
        print(f"gate: {rerun + 1}/{RERUNS} reruns, {alarms[path.stem]} {path.stem}", file=sys.stderr)
    return {name: {"alarms": count, "reruns": of} for name, (count, of) in alarms.items()}


def found(program, scenario, settings, worse, folder):
    worse = [*settings, f"policies=[{worse}]"]
    many = 8 * SEEDS
    before = degraded(program, scenario, settings, many)
    size = degraded(program, scenario, worse, many) / before - 1
    count = 0
    for group in range(GROUPS):
        baseline = folder / f"{scenario}-{group}.json"
        call(program, "check", "--update", "--baseline", baseline, "--scenario",
             f"Scenarios/{scenario}.yaml", "--policies", "reactive-shadow", "--seeds", SEEDS,
             *sets([*settings, f"seed={1000 + 10 * group}"]))
        count += call(program, "check", "--baseline", baseline, *sets(worse[-1:]),
                      allowed=(0, 1)).returncode
    print(f"gate: {scenario}: {size:.4f} worse, found {count} of {GROUPS}", file=sys.stderr)
    return {"scenario": scenario, "worse": worse[-1], "worsening": size, "found": count, "of": GROUPS}


def main():
    program = build()
    with tempfile.TemporaryDirectory() as folder:
        worsenings = [found(program, *case, pathlib.Path(folder)) for case in WORSENINGS]
    alarms = false_alarms(program)
    share = sum(a["alarms"] for a in alarms.values()) / RERUNS
    sizable = [w for w in worsenings if w["worsening"] >= 0.02]
    print(json.dumps({
        "workload": f"{RERUNS} reruns of {len(BASELINES)} baselines; {SEEDS} seeds",
        "falseAlarms": alarms, "falseAlarmShare": share, "worsenings": worsenings,
        "targetsMet": share < TARGET_FALSE_ALARMS
                      and all(w["found"] >= TARGET_FOUND * w["of"] for w in sizable),
    }))


main()
