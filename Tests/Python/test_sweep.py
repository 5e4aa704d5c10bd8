# SPDX-License-Identifier: Apache-2.0
"""A sweep survives kill -9 at any moment: nothing is lost, nothing is run again, nothing is half there."""
import csv
import io
import json
import random
import subprocess
import time

import pytest

from test_schema import ROOT, binary, run

AXES = ["--axis", "synthetic.vms=20,30,40", "--axis", "racks.count=2..4"]
SMALL = ["--set", "duration=6 h", "--set", "workload.history=1 d"]
POLICIES = ["--policies", "reactive-shadow,none", "--seeds", "3"]
KILLS = 20


def plan(folder, *options):
    result = run("sweep", "plan", "Scenarios/quickstart.yaml", "--output", folder, *AXES, *SMALL,
                 *POLICIES, *options)
    assert result.returncode == 0, result.stderr
    return json.loads((folder / "plan.json").read_text())


def collected(folder):
    result = run("sweep", "collect", folder)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The table of a sweep that nobody disturbed."""
    folder = tmp_path_factory.mktemp("sweep") / "whole"
    plan(folder)
    assert run("sweep", "run", folder).returncode == 0
    return collected(folder)


def test_table_is_what_compare_says(whole):
    rows = list(csv.DictReader(io.StringIO(whole)))
    assert len(rows) == 9 * 2 * 3
    compared = json.loads(run(
        "compare", "Scenarios/quickstart.yaml", *POLICIES, *SMALL, "--no-files", "--json",
        "--set", "workload.synthetic.vms=30", "--set", "dataCenter.racks.count=3").stdout)
    for policy in compared["policies"]:
        for one in policy["runs"]:
            row = next(
                row for row in rows
                if row["workload.synthetic.vms"] == "30" and row["dataCenter.racks.count"] == "3"
                and row["policy"] == policy["policy"] and int(row["seed"]) == one["seed"])
            for name, value in one["metrics"].items():
                assert (float(row[name]) if row[name] else None) == value, name


def test_killed_at_random_moments(whole, tmp_path):
    folder = tmp_path / "killed"
    plan(folder)
    chance = random.Random(7)
    results = folder / "results"
    seen = {}
    kills = 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            [binary(), "sweep", "run", folder, "--jobs", "1"], cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.01, 0.15))
        if process.poll() is None:
            process.kill()
            kills += 1
        process.wait()
        for path in results.glob("point*.json"):
            text = path.read_text()
            json.loads(text)
            stamp = (path.stat().st_mtime_ns, text)
            # Neither written again nor changed.
            assert seen.setdefault(path.name, stamp) == stamp
    assert kills > 0
    assert run("sweep", "run", folder).returncode == 0
    assert collected(folder) == whole
    for name, (stamp, _) in seen.items():
        assert (results / name).stat().st_mtime_ns == stamp


def test_parts_together_are_the_whole(whole, tmp_path):
    folder = tmp_path / "parts"
    plan(folder)
    assert run("sweep", "run", folder, "--part", "1/2").returncode == 0
    unfinished = run("sweep", "collect", folder)
    assert unfinished.returncode == 1 and "not done" in unfinished.stderr
    half = run("sweep", "collect", folder, "--partial").stdout.splitlines()
    assert 1 < len(half) < len(whole.splitlines())
    assert run("sweep", "run", folder, "--part", "0/2").returncode == 0
    assert collected(folder) == whole
    lines = run("sweep", "collect", folder, "--json").stdout.splitlines()
    assert len(lines) == 54 and all(json.loads(line)["metrics"] for line in lines)


def test_a_plan_is_not_overwritten_unasked(tmp_path):
    folder = tmp_path / "sweep"
    plan(folder)
    again = run("sweep", "plan", "Scenarios/quickstart.yaml", "--output", folder, *AXES)
    assert again.returncode == 74 and "--force" in again.stderr
    plan(folder, "--force")


@pytest.mark.parametrize("options, status, word", [
    ([], 64, "--axis"),
    (["--axis", "racks.count=4..2"], 64, "not below"),
    (["--axis", "racks.count=2..4", "--design", "lhs"], 64, "--points"),
    (["--axis", "racks.count=2..4", "--design", "lsh"], 64, "lhs"),
    (["--axis", "racks.count=2..4", "--axis", "racks.count=5..6"], 64, "twice"),
    (["--axis", "racks.count=2,x"], 65, "count"),
    (["--axis", "racks.count=2..4", "--policies", "pvm"], 64, "pvms"),
])
def test_wrong_use(tmp_path, options, status, word):
    result = run("sweep", "plan", "Scenarios/quickstart.yaml", "--output", tmp_path / "s", *options)
    assert result.returncode == status, result.stderr
    assert word in result.stderr
    assert run("sweep", "run", tmp_path / "s").returncode == 65
