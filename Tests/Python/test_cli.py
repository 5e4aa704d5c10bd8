# SPDX-License-Identifier: Apache-2.0
"""What the command line promises: exit statuses, and data on standard output alone."""
import json
import shutil
import subprocess

import pytest

from test_schema import binary, run

GOOD = "version: 1\nseed: 3\n"
BAD = "version: 1\nduration: 24\nsed: 3\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(BAD)
    return tmp_path


def test_good_scenario(files):
    result = run("validate", files / "good.yaml")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{files / 'good.yaml'}  ok\n"


def test_bad_scenario_goes_to_standard_error(files):
    result = run("validate", files / "bad.yaml")
    name = files / "bad.yaml"
    assert (result.returncode, result.stdout) == (65, "")
    assert result.stderr == (
        f'{name}:2:11 duration  needs a unit, e.g. "24 s"\n'
        f'{name}:3:1  sed  unknown key; did you mean "seed"?\n'
        "2 problems\n"
    )


def test_json_is_data(files):
    result = run("validate", "--json", files / "bad.yaml", files / "good.yaml")
    assert (result.returncode, result.stderr) == (65, "")
    bad, good = json.loads(result.stdout)["files"]
    assert (bad["valid"], good["valid"]) == (False, True)
    assert [problem["code"] for problem in bad["problems"]] == ["missingUnit", "unknownKey"]
    assert (bad["problems"][0]["line"], bad["problems"][0]["path"]) == (2, "duration")


@pytest.mark.parametrize(
    "arguments, status",
    [
        ([], 0),
        (["validate"], 64),
        (["validate", "--set", "seed", "good.yaml"], 64),
        (["nonsense"], 64),
        (["validate", "nowhere.yaml"], 66),
        (["validate", "good.yaml", "--set", "seed=x"], 65),
        (["validate", "good.yaml", "nowhere.yaml", "bad.yaml"], 65),
        (["show", "good.yaml", "--resolved"], 0),
        (["show", "nowhere.yaml", "--resolved"], 66),
        (["--version"], 0),
        (["--help"], 0),
    ],
)
def test_exit_status(files, arguments, status):
    result = subprocess.run([binary(), *arguments], capture_output=True, text=True, cwd=files)
    assert result.returncode == status, result.stderr


def test_show_reads_back(files, tmp_path):
    first = run("show", files / "good.yaml", "--resolved")
    again = tmp_path / "again.yaml"
    again.write_text(first.stdout)
    second = run("show", again, "--resolved")

    def values(text):
        return [line.split("  #")[0].rstrip() for line in text.splitlines()]

    assert values(second.stdout) == values(first.stdout)
    assert "seed: 3" in values(first.stdout)


def test_full_disk(files):
    with open("/dev/full", "w") as full:
        result = subprocess.run([binary(), "schema"], stdout=full, stderr=subprocess.PIPE)
    assert result.returncode == 74
    assert result.stderr.startswith(b"cannot write output")


def test_endless_input():
    result = run("validate", "/dev/zero")
    assert result.returncode == 65
    assert "longer than 1 MiB" in result.stderr


def test_no_colours_in_pipes(files):
    assert "\x1b" not in run("validate", files / "bad.yaml").stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell):
    result = run("--generate-completion-script", shell)
    assert result.returncode == 0
    assert "validate" in result.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell, tmp_path):
    result = run("--generate-completion-script", shell)
    assert result.returncode == 0
    for command in ("run", "compare", "validate"):
        assert command in result.stdout
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here to parse it")
    script = tmp_path / "completion"
    script.write_text(result.stdout)
    subprocess.run([shell, "-n", script], check=True)


def test_bash_completes_commands_and_scenario_files(tmp_path):
    """What a user gets who types `foreshadow va<TAB>` and `foreshadow run <TAB>`."""
    (tmp_path / "completion").write_text(run("--generate-completion-script", "bash").stdout)
    (tmp_path / "good.yaml").write_text(GOOD)
    ask = (
        "source completion; complete -p foreshadow >/dev/null || exit 9; "
        "COMP_WORDS=({words}); COMP_CWORD={place}; COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; "
        "_foreshadow; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )

    def complete(*words):
        text = ask.format(
            words=" ".join(f'"{word}"' for word in words), place=len(words) - 1,
            line=" ".join(words))
        result = subprocess.run(
            ["bash", "-c", text], cwd=tmp_path, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        return result.stdout.split()

    assert "validate" in complete("foreshadow", "va")
    assert "good.yaml" in complete("foreshadow", "run", "")
