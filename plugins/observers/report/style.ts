/** The report's style sheet: light and dark, wide and narrow, screen and paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fbfbf9; --card: #ffffff; --ink: #1c1d20; --soft: #5d6068; --line: #e3e3de;
  --accent: #3348a8; --good: #1b7f4b; --unsure: #9a6200; --bad: #b3261e;
  --good-tint: #e9f5ee; --unsure-tint: #fdf3e0; --bad-tint: #fdeceb; --even-tint: #eef0f8;
  --s0: #5b6472; --s1: #2f5fd0; --s2: #c2410c; --s3: #157f5b; --s4: #8b3fb5; --s5: #a3810a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #141518; --card: #1c1e22; --ink: #ececea; --soft: #a2a5ad; --line: #32353b;
    --accent: #9db0ff; --good: #5fd08f; --unsure: #f0b95a; --bad: #ff8a80;
    --good-tint: #16291f; --unsure-tint: #2c2413; --bad-tint: #331a19; --even-tint: #1f2330;
    --s0: #a9b2c0; --s1: #7fa3ff; --s2: #ff9a62; --s3: #55cf9f; --s4: #d39bf5; --s5: #e3c75a;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
main, header, footer { max-width: 72rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 2.5rem); }
header { padding-top: clamp(1.5rem, 5vw, 3.5rem); }
.eyebrow {
  margin: 0; color: var(--accent); font-size: .8rem; font-weight: 650;
  letter-spacing: .08em; text-transform: uppercase;
}
h1 { margin: .2rem 0 .4rem; font-size: clamp(1.5rem, 4.2vw, 2.3rem); line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; }
h2 { margin: 3rem 0 .9rem; font-size: 1.25rem; letter-spacing: -.01em; }
h3 { margin: 0 0 .45rem; font-size: .85rem; font-weight: 600; }
h3 span { margin-left: .6rem; color: var(--soft); font-weight: 400; }
.facts { margin: 0; color: var(--soft); font-size: .92rem; }
.verdict {
  margin: 1.6rem 0 0; padding: 1.1rem 1.3rem; border-radius: .7rem;
  border-left: .3rem solid var(--tone); background: var(--tint);
}
.verdict h2 { margin: 0; color: var(--tone); font-size: clamp(1rem, 2.2vw, 1.3rem); text-wrap: balance; }
.verdict p { margin: .4rem 0 0; }
.good { --tone: var(--good); --tint: var(--good-tint); }
.even { --tone: var(--accent); --tint: var(--even-tint); }
.unsure { --tone: var(--unsure); --tint: var(--unsure-tint); }
.bad { --tone: var(--bad); --tint: var(--bad-tint); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .7rem; background: var(--card); }
table { width: 100%; border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
caption { padding: .8rem 1rem .3rem; text-align: left; color: var(--soft); font-size: .85rem; }
th, td { padding: .5rem 1rem; text-align: left; vertical-align: top; }
thead th { color: var(--soft); font-size: .8rem; font-weight: 600; border-bottom: 1px solid var(--line); white-space: nowrap; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody th { font-weight: 600; }
.number { text-align: right; white-space: nowrap; }
td small { display: block; color: var(--soft); font-size: .76rem; }
td.note { color: var(--soft); font-size: .85rem; min-width: 14rem; }
.score { font-size: 1.15rem; font-weight: 650; }
td.failed .score { text-decoration: line-through; text-decoration-thickness: 2px; }
td.failed, .mark { color: var(--bad); }
.mark { margin-left: .4rem; font-size: .76rem; text-transform: uppercase; letter-spacing: .04em; }
h1::first-letter { text-transform: uppercase; }
.columns > .wide { grid-column: 1 / -1; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(21rem, 100%), 1fr)); gap: 1rem; align-items: start; }
figure { margin: 0; }
.chart { padding: .9rem 1rem .8rem; border: 1px solid var(--line); border-radius: .7rem; background: var(--card); }
.chart figcaption { font-size: .88rem; font-weight: 600; }
.chart svg { display: block; width: 100%; height: auto; }
.grid { stroke: var(--line); stroke-width: 1; }
.tick { fill: var(--soft); font-size: 10.5px; }
.line { fill: none; stroke: var(--series); stroke-width: 2; stroke-linejoin: round; }
.band { fill: var(--series); opacity: .14; }
circle { fill: var(--series); stroke: var(--card); stroke-width: 1.5; }
.s0 { --series: var(--s0); } .s1 { --series: var(--s1); } .s2 { --series: var(--s2); }
.s3 { --series: var(--s3); } .s4 { --series: var(--s4); } .s5 { --series: var(--s5); }
.s0 .line { stroke-dasharray: 5 3; } .s2 .line { stroke-dasharray: 9 3; } .s3 .line { stroke-dasharray: 2 3; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: .4rem 0 0; padding: 0; list-style: none; font-size: .82rem; }
.legend li { display: flex; align-items: center; gap: .45rem; }
.legend svg { width: 22px; height: 8px; }
.legend-classes { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; margin: 0 0 1rem; font-size: .85rem; }
.class { display: inline-flex; align-items: center; gap: .4rem; }
.class i { width: .85rem; height: .85rem; border-radius: .2rem; }
.strip { padding: .9rem 0 1rem; border-top: 1px solid var(--line); break-inside: avoid; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(7rem, 30%), 1fr)); gap: .6rem; max-width: calc(var(--count, 6) * 12.5rem); }
.pictures img, .missing { display: block; width: 100%; height: auto; border-radius: .35rem; }
.pictures figcaption { margin-top: .25rem; color: var(--soft); font-size: .72rem; line-height: 1.35; }
.missing { aspect-ratio: 1; display: grid; place-items: center; color: var(--soft); border: 1px dashed var(--line); }
.pixels { image-rendering: pixelated; }
.hint { color: var(--soft); font-size: .9rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); gap: .8rem 1.5rem; margin: 0 0 1.5rem; }
dt { color: var(--soft); font-size: .78rem; }
dd { margin: 0; overflow-wrap: anywhere; font-size: .92rem; }
details { margin-top: 1rem; border: 1px solid var(--line); border-radius: .7rem; background: var(--card); }
summary { padding: .7rem 1rem; cursor: pointer; font-weight: 600; }
pre { margin: 0; padding: 0 1rem 1rem; overflow-x: auto; font: .8rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
footer { margin-top: 3.5rem; padding-bottom: 2.5rem; color: var(--soft); font-size: .82rem; }
@media (max-width: 40rem) {
  th, td { padding: .45rem .55rem; }
  caption { padding: .7rem .55rem .2rem; }
  td small { white-space: normal; }
  thead th { white-space: normal; }
}
@media print {
  :root { --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc; }
  body { font-size: 10.5pt; }
  main, header, footer { max-width: none; padding: 0; }
  .scroll, .chart, .verdict, tr { break-inside: avoid; }
  .scroll { overflow: visible; }
  h2 { break-after: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
