# SPDX-License-Identifier: Apache-2.0
"""The main job through the command line: same bytes whoever runs it, and a real day of real load."""
import json
import os
import pathlib

import pytest

from test_schema import ROOT, run

SMALL = ["--set", "duration=6 h", "--set", "workload.synthetic.vms=20"]
SHARED = pathlib.Path(os.environ.get("FORESHADOW_SHARED", ROOT.parent / "shared"))


def compare(scenario, *options):
    result = run("compare", scenario, *options)
    assert result.returncode == 0, result.stderr[-2000:]
    return result.stdout


def test_files_do_not_depend_on_folder_threads_or_command(tmp_path):
    scenario = "Scenarios/quickstart.yaml"
    policies = ["--policies", "reactive-shadow,none", "--seeds", "2", *SMALL]
    texts = [
        compare(scenario, *policies, "--json", "--jobs", jobs, "--output", tmp_path / jobs)
        for jobs in ("1", "2")
    ]
    assert texts[0] == texts[1]
    names = sorted(path.name for path in (tmp_path / "1").iterdir() if path.is_file())
    assert [name for name in names if name.endswith(".h5")] == [
        f"{policy}-seed{seed}.h5" for policy in ("none", "reactive-shadow") for seed in (1, 2)
    ]
    assert "report.html" in names
    for name in names:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name

    # A comparison's run file is what `run` writes, from wherever the scenario is read.
    single = tmp_path / "single.h5"
    result = run(
        "run", ROOT / scenario, "--policy", "none", "--seed", "2", "--output", single, *SMALL)
    assert result.returncode == 0, result.stderr[-2000:]
    assert single.read_bytes() == (tmp_path / "1" / "none-seed2.h5").read_bytes()


@pytest.mark.skipif(not SHARED.exists(), reason="skipped: no shared data")
def test_every_policy_runs_a_real_day_under_several_seeds():
    """All 1052 machines: what goes wrong only when thousands of events fall into one instant."""
    document = json.loads(
        compare("Scenarios/planetlab-day.yaml", "--seeds", "3", "--no-files", "--json"))
    assert document["vms"] == 1052
    names = ["pvms", "reactive-shadow", "none", "oracle"]
    assert [row["policy"] for row in document["policies"]] == names
    mean = {row["policy"]: row["means"]["degradedVmSeconds"] for row in document["policies"]}
    # Perfect forecasts bound what any forecast can give; doing nothing is worst.
    assert mean["oracle"] < min(mean["pvms"], mean["reactive-shadow"])
    assert max(mean["pvms"], mean["reactive-shadow"]) < mean["none"]
