// SPDX-License-Identifier: Apache-2.0

/// The style sheet of reports: one column, system fonts, colours that differ in lightness too.
let reportStyle = """
  :root{color-scheme:light dark;--ink:#1c2330;--dim:#5c6675;--page:#fff;--card:#f4f6f9;
  --rule:#d9dee6;--c1:#0b62d6;--c2:#d9480f;--c3:#6b7280;--c4:#0f8a5f;--c5:#8b3fd1;--c6:#b58900;
  --shade:#d9480f}
  @media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--dim:#9aa4b2;--page:#12161d;
  --card:#1b212b;--rule:#2f3845;--c1:#6aa7ff;--c2:#ff8a5b;--c3:#a3acb9;--c4:#4fd1a0;--c5:#c79bff;
  --c6:#e6c35c;--shade:#ff8a5b}}
  body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
  main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 4rem}
  h1{margin:.2em 0;font-size:1.8rem}h2{margin:2em 0 .5em;font-size:1.2rem}
  .about,figcaption,.unit{color:var(--dim)}
  .answer{background:var(--card);border-left:4px solid var(--c1);padding:.6rem 1rem;font-size:1.1rem}
  .answer p{margin:.3em 0}
  .wide{overflow-x:auto}
  table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}
  th,td{padding:.3rem .7rem;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}
  th:first-child,td:first-child{text-align:left}thead th{color:var(--dim);font-weight:600}
  figure{margin:1.2rem 0}svg.plot{width:100%;height:auto;background:var(--card);border-radius:6px}
  svg text{font:12px system-ui,sans-serif;fill:var(--ink)}svg .tick{fill:var(--dim)}
  svg .grid{stroke:var(--rule)}svg .axis{stroke:var(--dim)}
  svg .line{fill:none;stroke-width:1.6;stroke-linejoin:round}svg .fill{opacity:.15;stroke:none}
  svg .shade{fill:var(--shade);opacity:.25}
  .c1{stroke:var(--c1)}.c2{stroke:var(--c2)}.c3{stroke:var(--c3)}.c4{stroke:var(--c4)}
  .c5{stroke:var(--c5)}.c6{stroke:var(--c6)}
  .fill.c1{fill:var(--c1)}.fill.c2{fill:var(--c2)}.fill.c3{fill:var(--c3)}.fill.c4{fill:var(--c4)}
  .fill.c5{fill:var(--c5)}.fill.c6{fill:var(--c6)}
  pre,code{font:13px/1.4 ui-monospace,monospace}pre{overflow-x:auto;background:var(--card);padding:1rem}
  summary{cursor:pointer;color:var(--c1)}
  @media print{body{font-size:11pt}details{display:block}figure{break-inside:avoid}}
  """
