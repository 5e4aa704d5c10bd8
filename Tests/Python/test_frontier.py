# SPDX-License-Identifier: Apache-2.0
"""What `foreshadow frontier` says about its own figures, worked out again with NumPy and SciPy."""
import json

import numpy
import pytest
import scipy.stats

from test_schema import run

SMALL = [
    "--set", "duration=12 h", "--set", "workload.synthetic.vms=40",
    "--set", "workload.history=1 d",
]
POLICIES = "standby-all,reactive-shadow,delay-off,none"
# A bootstrap of 9999 resamples has its ends to about 2 % of the interval's width.
BOOTSTRAP_SHARE = 0.05


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    folder = tmp_path_factory.mktemp("frontier")
    result = run(
        "frontier", "Scenarios/quickstart.yaml", "--policies", POLICIES, "--seeds", "4", "--json",
        "--knob", "delay-off:wait=5 min,45 min", "--output", folder, *SMALL)
    assert result.returncode == 0, result.stderr[-2000:]
    names = {path.name for path in folder.iterdir()}
    assert {"frontier.json", "frontier.md", "frontier.svg"} <= names
    assert json.loads((folder / "frontier.json").read_text()) == json.loads(result.stdout)
    return json.loads(result.stdout)


def curve(document, name):
    if name == "best reactive":
        return document["bestReactive"]
    return next(row for row in document["curves"] if row["policy"] == name)


def test_curves_and_knobs(document):
    assert [row["policy"] for row in document["curves"]] == POLICIES.split(",")
    assert [len(row["settings"]) for row in document["curves"]] == [10, 10, 2, 1]
    assert [row["value"] for row in curve(document, "delay-off")["settings"]] == ["5 min", "45 min"]
    joint = curve(document, "best reactive")
    # 10 and 2; `none` costs nothing, and is no part of it.
    assert len(joint["settings"]) == 12 and all(p["cost"] > 0 for p in joint["settings"])


def test_fronts_hold_what_nothing_beats(document):
    for row in document["curves"] + [document["bestReactive"]]:
        points = numpy.array([[p["cost"], p["loss"]] for p in row["settings"]])
        for index, point in enumerate(points):
            beaten = ((points <= point).all(1) & (points < point).any(1)).any()
            assert not (beaten and index in row["front"])
            assert beaten or any((points[front] == point).all() for front in row["front"])


def test_gaps_are_paired_differences_with_mixtures(document):
    """The reference at equal cost, by NumPy's interpolation of each seed between the settings."""
    assert len(document["gaps"]) > 5
    for gap in document["gaps"]:
        own = curve(document, gap["policy"])["settings"][gap["setting"]]
        other = curve(document, gap["reference"])
        front = [other["settings"][index] for index in other["front"]]
        is_cost = gap["kind"] == "equalCost"
        equal, compared = ("cost", "losses") if is_cost else ("loss", "costs")
        front.sort(key=lambda point: point[equal])
        mixed = numpy.array([
            numpy.interp(
                own[equal], [point[equal] for point in front],
                [point[compared][seed] for point in front])
            for seed in range(4)
        ])
        mine = numpy.array(own[compared])
        assert gap["referenceMean"] == pytest.approx(mixed.mean(), rel=1e-9)
        assert gap["mean"] == pytest.approx((mine - mixed).mean(), rel=1e-6, abs=1e-6)
        if numpy.ptp(mine - mixed) == 0:
            continue
        interval = scipy.stats.ttest_rel(mine, mixed).confidence_interval(0.95)
        scale = abs(interval.high - interval.low)
        assert gap["lower95"] == pytest.approx(interval.low, abs=1e-6 * scale)
        assert gap["upper95"] == pytest.approx(interval.high, abs=1e-6 * scale)
        again = scipy.stats.bootstrap(
            (mine - mixed,), numpy.mean, method="percentile",
            rng=numpy.random.default_rng(1)).confidence_interval
        width = again.high - again.low
        assert gap["bootstrapLower95"] == pytest.approx(again.low, abs=BOOTSTRAP_SHARE * width)
        assert gap["bootstrapUpper95"] == pytest.approx(again.high, abs=BOOTSTRAP_SHARE * width)


def test_threads_do_not_matter():
    texts = [
        run("frontier", "Scenarios/quickstart.yaml", "--policies", "delay-off,none", "--seeds", "2",
            "--json", "--jobs", jobs, *SMALL).stdout
        for jobs in ("1", "2")
    ]
    assert texts[0] and texts[0] == texts[1]


def test_several_costs_are_views_of_the_same_runs(tmp_path):
    small = ["frontier", "Scenarios/quickstart.yaml", "--policies", "reactive-shadow,oracle,none",
             "--knob", "reactive-shadow:holdOff=5 min,45 min", "--seeds", "2", "--json", *SMALL]
    both = run(*small, "--cost", "shadowActiveVmSeconds,energyTotalJoules", "--output", tmp_path)
    assert both.returncode == 0, both.stderr[-2000:]
    first, second = json.loads(both.stdout)
    assert json.loads(run(*small).stdout) == first
    assert second["cost"] == "energyTotalJoules"
    losses = [[p["losses"] for c in view["curves"] for p in c["settings"]] for view in (first, second)]
    assert losses[0] == losses[1]
    names = {path.name for path in tmp_path.iterdir()}
    assert {"frontier.html", "frontier.svg", "frontier-energyTotalJoules.svg"} <= names
    page = (tmp_path / "frontier.html").read_text()
    assert page.count("<svg") == 2 and "<script" not in page


@pytest.mark.parametrize("options, status, word", [
    (["--cost", ","], 64, "cost"),
    (["--policies", "pvm"], 64, "pvms"),
    (["--cost", "servedCoreSeconds"], 64, "lower"),
    (["--quality", "degradedVmSecond"], 64, "degradedVmSeconds"),
    (["--knob", "none"], 64, "policy:key"),
    (["--policies", "delay-off", "--knob", "delay-off:wai=5 min"], 65, "wait"),
])
def test_wrong_use(options, status, word):
    result = run("frontier", "Scenarios/quickstart.yaml", *options)
    assert result.returncode == status, result.stderr
    assert word in result.stderr
