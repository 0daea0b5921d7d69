/** The page's own style, in the colours of the reader's system. Each text has a contrast of 4.5 to 1 at least, which axe checks in a browser. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --box: #f6f8fa; --link: #0550ae;
  --add: #116329; --add-back: #e6ffec; --gone: #a40e26; --gone-back: #ffebe9; --warn: #7d4e00; --warn-back: #fff4d6;
  --calm: #0a4c8b; --calm-back: #ddf1ff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --text: #e6edf3; --soft: #9ea7b3; --line: #3d444d; --box: #161b22; --link: #79b8ff;
    --add: #7ee787; --add-back: #10291a; --gone: #ffa198; --gone-back: #321518; --warn: #f2cc60; --warn-back: #2e2206;
    --calm: #a5d6ff; --calm-back: #0c2238;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 0 1.25rem 3rem; max-width: 76rem; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.25rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); font-size: 1.25rem; }
h3 { margin: 1.25rem 0 .5rem; font-size: 1rem; }
p { margin: .5rem 0; overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -999rem; padding: .5rem 1rem; background: var(--page); }
.skip:focus { left: 1rem; top: .5rem; z-index: 1; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
header { padding: 1.5rem 0 .5rem; }
.kicker { margin: 0 0 .25rem; color: var(--soft); }
.verdict { margin: 1rem 0 0; padding: .75rem 1rem; border-left: 5px solid var(--calm); background: var(--calm-back); font-size: 1.1rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.notes { margin: 0; padding: 0; list-style: none; }
.notes li { margin: .5rem 0; padding: .6rem 1rem; border-left: 5px solid var(--warn); background: var(--warn-back); overflow-wrap: anywhere; }
.notes p { margin: 0; }
.notes .refused { border-color: var(--gone); background: var(--gone-back); }
dl { margin: 0; }
dl div { display: grid; grid-template-columns: minmax(5rem, 10rem) minmax(0, 1fr); gap: 1rem; padding: .2rem 0; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th, td { padding: .45rem .7rem .45rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { color: var(--soft); font-weight: 600; white-space: nowrap; }
tbody th { min-width: 5rem; max-width: 20rem; font-weight: 600; overflow-wrap: break-word; }
td { max-width: 24rem; overflow-wrap: break-word; }
.filtered th, .filtered td { max-width: none; overflow-wrap: anywhere; }
.filtered table { table-layout: fixed; min-width: 44rem; }
.filtered th:nth-child(1) { width: 23%; }
.filtered th:nth-child(2) { width: 30%; }
pre { margin: .4rem 0; padding: .6rem .8rem; border: 1px solid var(--line); border-radius: 6px; background: var(--box);
  font: .82rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .9em; overflow-wrap: anywhere; }
pre code { font-size: inherit; }
ins, del { display: inline-block; width: 100%; text-decoration: none; }
ins { background: var(--add-back); color: var(--add); }
del { background: var(--gone-back); color: var(--gone); }
.lines { padding-inline: .4rem; }
.document, .place { margin: .6rem 0 0; color: var(--soft); }
summary { cursor: pointer; overflow-wrap: anywhere; }
details { margin: .3rem 0; }
.filters { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; margin: .5rem 0; }
.filters label { display: inline-flex; max-width: 100%; gap: .5rem; align-items: center; }
input[type=search] { width: 16rem; min-width: 0; max-width: 100%; padding: .4rem .6rem; border: 1px solid var(--soft); border-radius: 6px; background: var(--page); color: var(--text); font: inherit; }
input[type=checkbox] { width: 1.15rem; height: 1.15rem; }
[hidden] { display: none !important; }
.filtered:not(:has(.all:checked)) .same { display: none; }
.mark { display: inline-block; padding: 0 .5rem; border: 1px solid; border-radius: 1rem; font-size: .85rem; font-weight: 600; white-space: nowrap; }
.added, .joins { color: var(--add); } .removed, .replaced, .leaves { color: var(--gone); } .changed, .restarts { color: var(--warn); } .changes { color: var(--calm); }
.same .mark { color: var(--soft); }
figure { margin: 0; }
.plain { padding: 0; list-style: none; }
figcaption { margin-top: .6rem; color: var(--soft); font-size: .92rem; }
svg { display: block; font: 12px system-ui, "DejaVu Sans", sans-serif; }
svg text { fill: var(--text); }
svg .soft { fill: var(--soft); }
svg .name { font-size: 15px; font-weight: 600; }
svg .zone { fill: none; stroke: var(--line); stroke-dasharray: 5 4; }
svg .wire { fill: none; stroke: var(--soft); stroke-width: 1.5; }
svg .box { fill: var(--box); stroke: var(--soft); }
svg .server .box { stroke-width: 2.5; }
svg .api .box { stroke: var(--link); stroke-width: 2; }
svg .joins .box { fill: var(--add-back); stroke: var(--add); } svg .joins .what { fill: var(--add); }
svg .leaves .box { fill: var(--gone-back); stroke: var(--gone); stroke-dasharray: 6 3; } svg .leaves .what { fill: var(--gone); }
svg .restarts .box { fill: var(--warn-back); stroke: var(--warn); } svg .restarts .what { fill: var(--warn); }
svg .changes .box { fill: var(--calm-back); stroke: var(--calm); } svg .changes .what { fill: var(--calm); }
.timeline { margin: 0; padding: 0; list-style: none; }
.timeline > li { position: relative; padding: 0 0 1rem 2rem; border-left: 3px solid var(--line); margin-left: .6rem; }
.timeline > li:last-child { border-color: transparent; }
.timeline > li::before { content: ""; position: absolute; left: -.6rem; top: .2rem; width: 1.05rem; height: 1.05rem; border: 3px solid var(--soft); border-radius: 50%; background: var(--page); }
.timeline > .busy::before { border-color: var(--warn); background: var(--warn); }
.timeline h3 { margin: 0 0 .3rem; }
.timeline ul { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0; padding: 0; list-style: none; }
.timeline li li { padding: .3rem .7rem; border: 1px solid var(--line); border-radius: 6px; background: var(--box); color: var(--text); overflow-wrap: anywhere; }
.timeline .kind { color: var(--soft); }
.timeline li .joins, .timeline li .leaves, .timeline li .restarts, .timeline li .changes { border-color: currentColor; }
footer { margin-top: 3rem; color: var(--soft); font-size: .92rem; }
@media print { .filters, nav, .skip { display: none; } body { max-width: none; } }
`;
