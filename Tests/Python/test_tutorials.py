# SPDX-License-Identifier: Apache-2.0
"""Every page of docs/tutorials does what it shows: its commands in their order, with its output.

A page's `sh` and `python` blocks run one after the other in an empty folder. A block ends with exit
status 0, or with the one that a comment in it states (`# exit status 1`). A `text` block right
after it is all that it prints on standard output.

With FORESHADOW_RENEW_TUTORIALS=1 the `text` blocks are written anew instead of being compared.
"""
import os
import pathlib
import re
import subprocess
import sys

import pytest

from test_schema import ROOT, binary

PAGES = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
GUIDES = [page for page in PAGES if "```sh\n" in page.read_text()]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INTERPRETERS = {"sh": ["sh", "-e", "-c"], "python": [sys.executable, "-c"]}
STATUS = re.compile(r"# exit status (\d+)$", re.MULTILINE)
RENEWS = os.environ.get("FORESHADOW_RENEW_TUTORIALS") == "1"


def environment(folder):
    (folder / "bin").mkdir()
    (folder / "bin" / "foreshadow").symlink_to(binary())
    return {
        **os.environ,
        # The Python that has what the examples need.
        "PATH": f"{folder / 'bin'}:{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}",
        # A tutorial is for somebody who has the program and nothing else.
        "FORESHADOW_SHARED": str(folder / "absent"),
        "MPLBACKEND": "agg",
    }


def test_there_is_a_tutorial_for_each_kind_of_user():
    assert [page.stem for page in GUIDES] == ["capacity-planner", "ci", "researcher"]
    readme = (ROOT / "README.md").read_text()
    for page in GUIDES:
        assert f"docs/tutorials/{page.name}" in readme


class Reader:
    """Types the blocks of one page and gives each back as the page should have it."""

    def __init__(self, folder):
        self.variables = environment(folder)
        self.folder = folder / "work"
        self.folder.mkdir()
        self.printed = None
        self.shown = 0

    def read(self, block):
        language, body = block.groups()
        if language in INTERPRETERS:
            result = subprocess.run(
                [*INTERPRETERS[language], body], capture_output=True, text=True, cwd=self.folder,
                env=self.variables)
            stated = STATUS.search(body)
            assert result.returncode == (int(stated[1]) if stated else 0), (body, result.stderr)
            self.printed = result.stdout
        elif language == "text":
            assert self.printed is not None, "an output without a command before it"
            body, self.printed = self.printed, None
            self.shown += 1
        return f"```{language}\n{body}```"


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_page_does_what_it_shows(page, tmp_path):
    text = page.read_text()
    reader = Reader(tmp_path)
    true = BLOCK.sub(reader.read, text)
    assert reader.shown >= 3
    if RENEWS:
        page.write_text(true)
    else:
        assert text == true
