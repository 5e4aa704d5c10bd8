# SPDX-License-Identifier: Apache-2.0
"""The HTML report in a real browser: complete, quiet, readable on a phone and in the dark.

Measuring is done by a script added to a copy; the report itself has none. Needs chromium, which
`scripts/bootstrap report` installs.
"""
import json
import re
import shutil
import subprocess

import pytest

from conftest import BINARY, ROOT, SCENARIO

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
POLICIES = ["none", "reactive-shadow"]

MEASURE = """
<script>
const root = document.documentElement;
const outside = [];
for (const svg of document.querySelectorAll('svg.plot')) {
  const frame = svg.getBoundingClientRect();
  for (const text of svg.querySelectorAll('text')) {
    const box = text.getBoundingClientRect();
    if (box.left < frame.left - 1 || box.right > frame.right + 1 ||
        box.top < frame.top - 1 || box.bottom > frame.bottom + 1) outside.push(text.textContent);
  }
}
const style = getComputedStyle(document.body);
const result = {
  overflow: root.scrollWidth - root.clientWidth, width: root.clientWidth,
  plots: [...document.querySelectorAll('svg.plot')].map(s => s.getBoundingClientRect().width),
  outside, ink: style.color, page: style.backgroundColor,
  fontSize: parseFloat(style.fontSize),
};
document.title = 'MEASURED' + JSON.stringify(result) + 'END';
</script>
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    if not BINARY.exists():
        pytest.skip("no release build of the foreshadow command")
    folder = tmp_path_factory.mktemp("report")
    subprocess.run(
        [BINARY, "compare", SCENARIO, "--policies", ",".join(POLICIES), "--seeds", "2",
         "--output", folder, "--force"],
        check=True, cwd=ROOT, capture_output=True)
    return folder / "report.html"


def browse(page, size, *options):
    """The page's DOM after loading and what the browser logged."""
    if CHROMIUM is None:
        pytest.skip("no chromium; scripts/bootstrap report installs it")
    result = subprocess.run(
        [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
         f"--window-size={size[0]},{size[1]}", *options, "--dump-dom", f"file://{page}"],
        capture_output=True, text=True, timeout=120)
    console = [line for line in result.stderr.splitlines() if "CONSOLE" in line]
    return result.stdout, console


def measure(report, size, *options):
    copy = report.with_name("measured.html")
    copy.write_text(report.read_text().replace("</body>", MEASURE + "</body>"))
    dom, _ = browse(copy, size, *options)
    found = re.search(r"MEASURED(.*?)END", dom)
    assert found, dom[:500]
    return json.loads(found.group(1).replace("&quot;", '"').replace("&amp;", "&"))


def test_says_nothing_on_the_console_and_needs_no_network(report):
    dom, console = browse(report, (1200, 900))
    assert console == []
    text = report.read_text()
    assert "<script" not in text
    addresses = set(re.findall(r"https?://[^\"' <]+", text)) - {"http://www.w3.org/2000/svg"}
    assert addresses == set()
    for policy in POLICIES:
        assert policy in dom


@pytest.mark.parametrize("size", [(1200, 900), (500, 900)], ids=["desktop", "phone"])
def test_nothing_is_cut_off(report, size):
    page = measure(report, size)
    assert page["overflow"] <= 0, "the page scrolls sideways"
    assert page["outside"] == [], "labels outside their plot"
    assert len(page["plots"]) >= 5
    assert min(page["plots"]) >= min(300, page["width"] * 0.8)
    assert page["fontSize"] >= 15


def luminance(color):
    """Relative luminance of a CSS rgb() colour (WCAG 2)."""
    channels = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_text_is_readable_in_light_and_dark(report, is_dark):
    scheme = 0 if is_dark else 1
    page = measure(report, (1200, 900), f"--blink-settings=preferredColorScheme={scheme}")
    ink, paper = luminance(page["ink"]), luminance(page["page"])
    assert (paper < ink) == is_dark
    contrast = (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05)
    assert contrast >= 7, "WCAG 2 level AAA"


def test_plots_are_files_too(report):
    folder = report.parent / "plots"
    pictures = sorted(path.stem for path in folder.glob("*.svg"))
    assert len(pictures) >= 5
    if shutil.which("rsvg-convert"):
        assert sorted(path.stem for path in folder.glob("*.png")) == pictures
