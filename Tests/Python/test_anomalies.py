# SPDX-License-Identifier: Apache-2.0
"""`foreshadow anomalies`: alarms of a trace in words, and the score on a benchmark folder."""
import datetime
import json
import math

import pytest

from test_schema import run

DAYS, STEPS = 14, 288
SPIKE = 10 * STEPS + 150


def load(step):
    """A day between 20 % and 40 % with a little of a slower rhythm."""
    return 30 + 10 * math.sin(2 * math.pi * step / STEPS) + math.sin(step / 17)


def values():
    series = [load(step) for step in range(DAYS * STEPS)]
    series[SPIKE] = 90
    return series


@pytest.fixture
def trace(tmp_path):
    quiet = [f"{load(step):.3f}" for step in range(DAYS * STEPS)]
    loud = [f"{value:.3f}" for value in values()]
    path = tmp_path / "trace.csv"
    path.write_text(f"loud,{','.join(loud)}\nquiet,{','.join(quiet)}\n")
    return path


@pytest.fixture
def nab(tmp_path):
    """One file with one anomaly, whose window is a tenth of the rows around it."""
    start = datetime.datetime(2014, 2, 14)
    times = [str(start + datetime.timedelta(minutes=5 * step)) for step in range(DAYS * STEPS)]
    folder = tmp_path / "data" / "real"
    folder.mkdir(parents=True)
    rows = [f"{time},{value}" for time, value in zip(times, values())]
    (folder / "a.csv").write_text("timestamp,value\n" + "\n".join(rows) + "\n")
    window = [times[SPIKE - 200] + ".000000", times[SPIKE + 200] + ".000000"]
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "combined_windows.json").write_text(json.dumps({"real/a.csv": [window]}))
    return tmp_path


def test_alarm_with_reason(trace):
    result = run("anomalies", trace)
    assert (result.returncode, result.stderr) == (0, "")
    header, *alarms = result.stdout.splitlines()
    assert header.split() == ["time", "vm", "metric", "score", "reason"]
    assert len(alarms) == 1
    assert alarms[0].startswith("10d 12:30:00  loud  cpu ")
    assert "level 90.0 % never seen in 10 days; nearest seen 4" in alarms[0]


def test_json_and_selection(trace):
    alarms = json.loads(run("anomalies", trace, "--json").stdout)["alerts"]
    assert [(alarm["vm"], alarm["sample"], alarm["kind"]) for alarm in alarms] == [
        ("loud", SPIKE, "level")]
    assert 0.5 <= alarms[0]["score"] <= 1
    only = run("anomalies", trace, "--vm", "quiet", "--metric", "cpu")
    assert (only.returncode, only.stdout) == (0, "no anomalies\n")


def test_same_bytes_twice(trace):
    assert run("anomalies", trace, "--json").stdout == run("anomalies", trace, "--json").stdout


def test_benchmark_score(nab):
    result = run("anomalies", "--nab", nab, "--json")
    assert (result.returncode, result.stderr) == (0, "")
    (folder,) = json.loads(result.stdout)["folders"]
    standard = folder["profiles"][0]
    assert (folder["folder"], standard["profile"]) == ("real", "standard")
    assert (standard["found"], standard["windows"], standard["falsePositives"]) == (1, 1, 0)
    # One detection on row 200 of 401, no false alarm: 1 lost at first, then the sigmoid's share.
    sigmoid = lambda position: 2 / (1 + math.exp(5 * position)) - 1
    worth = sigmoid(-201 / 401) / sigmoid(-1)
    assert standard["score"] == pytest.approx(100 * (worth + 1) / 2, abs=1e-9)
    table = run("anomalies", "--nab", nab).stdout.splitlines()
    assert table[1].split()[:3] == ["real", "1", f"{standard['score']:.2f}"]


def test_bad_row_is_named(nab):
    path = nab / "data" / "real" / "a.csv"
    lines = path.read_text().splitlines()
    lines[6] = "2014-02-14 00:25:00,much"
    path.write_text("\n".join(lines))
    result = run("anomalies", "--nab", nab)
    assert (result.returncode, result.stdout) == (65, "")
    assert result.stderr == f'{path}:7: expected a number or nothing, found "much"\n'


def test_missing_labels_and_empty_folder(nab):
    (nab / "data" / "real" / "a.csv").unlink()
    result = run("anomalies", "--nab", nab)
    assert result.returncode == 65
    assert result.stderr == f"{nab}/data: expected FOLDER/FILE.csv, found no such file\n"
    (nab / "labels" / "combined_windows.json").unlink()
    result = run("anomalies", "--nab", nab)
    assert result.returncode == 65
    assert "combined_windows.json: expected a readable file, found none" in result.stderr


@pytest.mark.parametrize(
    "arguments, status, message",
    [
        ([], 64, "give trace files, or --nab"),
        (["TRACE", "--nab", "."], 64, "give trace files, or --nab"),
        (["--nab", ".", "--vm", "loud"], 64, "not with --nab"),
        (["TRACE", "--threshold", "2"], 64, "from 0.0001 to 1"),
        (["TRACE", "--metric", "dsk"], 64, "dsk"),
        (["TRACE", "--metric", "disk"], 65, "a trace with disk"),
        (["TRACE", "--vm", "loudly"], 65, "loudly"),
        (["nowhere.csv"], 65, "nowhere.csv"),
    ],
)
def test_wrong_use(trace, arguments, status, message):
    result = run("anomalies", *[trace if word == "TRACE" else word for word in arguments])
    assert (result.returncode, result.stdout) == (status, "")
    assert message in result.stderr
