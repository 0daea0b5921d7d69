/** What the pages have besides the report's style, in its colours. */
export const PAGE_STYLE = `
.bar { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; justify-content: space-between; padding: 1rem 0 .75rem; border-bottom: 1px solid var(--line); margin-bottom: 1.25rem; }
.bar nav ul { margin: 0; gap: .25rem .5rem; }
.bar nav li { overflow-wrap: anywhere; min-width: 0; }
.bar nav li + li::before { content: "/"; margin-right: .5rem; color: var(--soft); }
.bar nav li:first-child a { font-weight: 700; }
.who { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; min-width: 0; overflow-wrap: anywhere; }
main:focus { outline: none; }
button { padding: .45rem 1rem; border: 1px solid var(--soft); border-radius: 6px; background: var(--box); color: var(--text); font: inherit; cursor: pointer; }
button:hover { border-color: var(--text); }
button.main { border-color: var(--link); background: var(--link); color: var(--page); font-weight: 600; }
button.stop { border-color: var(--gone); color: var(--gone); }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 1rem 0; }
.actions:empty { display: none; }
td .plain { margin: .25rem 0 0; }
.forms li { margin: 0 0 .9rem; }
.forms p { margin: .25rem 0 0; }
.field { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; max-width: 100%; }
.field label { display: grid; grid-template-columns: minmax(0, 1fr); gap: .25rem; width: 26rem; max-width: 100%; min-width: 0; }
input[type=text], input[type=password] { width: 100%; min-width: 0; padding: .45rem .6rem; border: 1px solid var(--soft); border-radius: 6px; background: var(--page); color: var(--text); font: inherit; }
.mark.good { color: var(--add); background: var(--add-back); } .mark.bad { color: var(--gone); background: var(--gone-back); }
.mark.busy { color: var(--warn); background: var(--warn-back); } .mark.calm { color: var(--calm); background: var(--calm-back); }
.state { font-size: 1.1rem; }
#timeline:empty::after, ol.lines:empty::after { content: "Nothing so far."; color: var(--soft); }
#timeline > li:has(.mark.good)::before { border-color: var(--add); background: var(--add); }
#timeline > li:has(.mark.calm)::before { border-color: var(--soft); background: var(--page); }
#timeline > li:has(.mark.busy)::before, #timeline > li:has(.mark.good):has(.mark.calm):not(:has(.mark.bad))::before { border-color: var(--warn); background: var(--warn); }
#timeline > li:has(.mark.bad)::before { border-color: var(--gone); background: var(--gone); }
.steps { font-size: .92rem; min-width: 30rem; table-layout: fixed; }
.steps th, .steps td { max-width: none; overflow-wrap: anywhere; padding-block: .25rem; }
.steps th:nth-child(1) { width: 50%; }
.kind { color: var(--soft); font-weight: 400; }
ol.lines { margin: 0; padding: .5rem .75rem; list-style: none; max-height: 26rem; overflow: auto; border: 1px solid var(--line); border-radius: 6px; background: var(--box); font: .82rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
ol.lines li { overflow-wrap: anywhere; white-space: pre-wrap; }
ol.lines .problem { color: var(--warn); } ol.lines .error { color: var(--gone); }
ol.lines .kind { margin-right: .75em; }
.pages { display: flex; gap: 1.5rem; margin-top: .75rem; }
.alert { margin: 1rem 0; padding: .6rem 1rem; border-left: 5px solid var(--gone); background: var(--gone-back); overflow-wrap: anywhere; }
#lost:not(:empty) { margin: 1rem 0; padding: .6rem 1rem; border-left: 5px solid var(--warn); background: var(--warn-back); }
@media print { .bar, .actions { display: none; } }
`;
