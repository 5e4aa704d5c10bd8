# SPDX-License-Identifier: Apache-2.0
"""`foreshadow whatif` from the command line: the answer is what the runs it names say."""
import json

import numpy
import pytest

from test_schema import run

SMALL = [
    "--set", "duration=6 h", "--set", "workload.synthetic.vms=40",
    "--set", "workload.history=1 d", "--policy", "reactive-shadow", "--seeds", "2",
]
QUICK = "Scenarios/quickstart.yaml"
WARMER = ["--vary", "cooling.supplyTemperature=16..26 °C:2", "--goal",
          "inletAboveAllowableRackSeconds <= 0", "--minimise", "energyCoolingJoules"]


def test_answer_is_the_cheapest_that_meets_the_goal(tmp_path):
    result = run("whatif", "Scenarios/hot-aisle.yaml", *WARMER, *SMALL, "--json", "--search", "all",
                 "--output", tmp_path)
    assert result.returncode == 0, result.stderr[-2000:]
    document = json.loads(result.stdout)
    rows = document["candidates"]
    assert [row["value"] for row in rows] == [f"{value} °C" for value in range(16, 27, 2)]
    means = {row["value"]: numpy.mean(row["metrics"]["energyCoolingJoules"])
             for row in rows if row["isMet"]}
    for row in rows:
        inlet = numpy.mean(row["metrics"]["inletAboveAllowableRackSeconds"])
        assert row["isMet"] == (inlet <= 0)
    assert document["answer"] == min(means, key=means.get)
    assert document["answer"] in document["sentence"]
    names = {path.name for path in tmp_path.iterdir()}
    assert {"whatif.json", "whatif.md", "energyCoolingJoules.svg"} <= names

    # The same figures as a run of the value alone.
    alone = run("compare", "Scenarios/hot-aisle.yaml", "--policies", "reactive-shadow", "--seeds",
                "2", "--no-files", "--json", *SMALL[:6],
                "--set", f"facility.cooling.supplyTemperature={document['answer']}")
    mean = json.loads(alone.stdout)["policies"][0]["means"]["energyCoolingJoules"]
    assert mean == pytest.approx(means[document["answer"]], rel=1e-12)


@pytest.mark.parametrize("name", [
    "hosts", "hotter-aisle", "climate", "rack-cap", "cooling-failure", "accelerator", "growth",
])
def test_planners_templates_have_an_answer_that_is_worth_asking_for(name):
    """Not the first value that was tried for want of any that fails or costs more."""
    result = run("whatif", f"Scenarios/whatif-{name}.yaml", "--seeds", "1", "--json")
    assert result.returncode == 0, result.stderr[-2000:]
    document = json.loads(result.stdout)
    rows = document["candidates"]
    costs = {tuple(row["metrics"]["energyTotalJoules"]) for row in rows
             if "energyTotalJoules" in row["metrics"]}
    assert document["answer"]
    assert any(not row["isMet"] for row in rows) or len(costs) == len(rows) > 1


def test_options_replace_parts_of_the_scenarios_question():
    result = run("whatif", "Scenarios/whatif-hosts.yaml", "--seeds", "1", "--json", "--vary",
                 "dataCenter.racks.count=2,3", "--goal", "cost > 250")
    assert result.returncode == 0, result.stderr[-2000:]
    document = json.loads(result.stdout)
    assert [row["value"] for row in document["candidates"]] == ["2", "3"]
    assert document["answer"] == "3"


def test_no_answer_is_exit_status_1():
    result = run("whatif", QUICK, "--vary", "racks.count=4..5", "--goal",
                 "degradedMinutesPerVmDay < 0", *SMALL)
    assert result.returncode == 1 and result.stdout.startswith("No value of")


@pytest.mark.parametrize("options, status, word", [
    (["--vary", "racks.count=4..5"], 64, "--goal"),
    (["--vary", "racks.count=5..4", "--goal", "pue > 0"], 64, "not below"),
    (["--vary", "racks.count=4..5", "--goal", "pu > 0"], 64, "pue"),
    (["--vary", "racks.coun=4..5", "--goal", "pue > 0"], 65, "racks"),
    (["--vary", "racks.count=4..5", "--goal", "pue > 0", "--policy", "pvm"], 65, "pvms"),
])
def test_wrong_use(options, status, word):
    result = run("whatif", QUICK, *options)
    assert result.returncode == status, result.stderr
    assert word in result.stderr
