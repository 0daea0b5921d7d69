import type { Difference, HostVerdict } from "../../compare/difference";
import type { Plan } from "../../model";
import { groupChanges, type ChangeGroup } from "../changeGroups";
import { readDocuments } from "../differenceText";
import { verdictLine } from "../verdictParts";
import { element, type Content } from "./element";
import { hostImpacts, unitImpacts, type Impact } from "./impacts";
import { pageOf, section } from "./page";
import { dataTable, details, documentBlock, list } from "./parts";
import { resourceTable, type ResourceRow } from "./resourceTable";
import { timeline } from "./timeline";
import { topology } from "./topology";
import { leavingMachine } from "./zones";

/**
 * A difference as one file for a browser.
 *
 * @param plan The work tree's, for the picture, the roll-out and what is unchanged. Nothing of its values is shown: what is a secret on
 * the other side is masked in the difference only.
 */
export function renderDifferencePage(difference: Difference, plan: Plan): string {
  const { project, stack, against, view, verdict, changes } = difference;
  const impacts = hostImpacts(difference);
  const planned = new Set(plan.nodes.map(({ name }) => name));
  const gone = verdict.hosts.filter(({ name }) => !planned.has(name));
  const impactOf = (name: string): Impact => impacts.get(name) ?? { state: "leaves", words: "leaves" };
  const concerns = [...difference.warnings.map(note), ...difference.risky.map(risk), ...verdict.bites.map(note)];
  return pageOf({
    kicker: `${view === "live" ? "Live preview" : "Groundwork plan"}, project ${project}`,
    title: `Stack ${stack} against ${against}`,
    verdict: element("p", { class: "verdict" }, verdictLine(difference)),
    sections: [
      section(
        "concerns",
        "What to look at",
        concerns.length === 0 ? undefined : element("ul", { class: "notes" }, ...concerns),
      ),
      section(
        "cluster",
        "Cluster",
        topology(
          plan,
          impacts,
          gone.map(({ name, role }) => leavingMachine(name, role, impactOf(name))),
        ),
      ),
      section("hosts", "Hosts", verdict.hosts.length === 0 ? undefined : hosts(verdict.hosts)),
      section(
        "roll-out",
        "Roll-out",
        changes.length === 0
          ? undefined
          : timeline(
              plan,
              unitImpacts(difference, plan),
              gone.map(({ name }) => [name, impactOf(name)] as const),
            ),
        difference.restarts.length === 0
          ? undefined
          : [element("h3", {}, "k3s restarts, in this order"), list(difference.restarts, { class: "plain" })],
      ),
      section(
        "changes",
        "Changes",
        resourceTable([...groupChanges(difference).map(groupRow), ...same(difference, plan)]),
      ),
    ],
    footer: "Made by 'groundwork plan'. What is a secret on either side is not in it.",
  });
}

function note(text: string): Content {
  return element("li", {}, text);
}

function risk({ what, happens, remedy, refused }: Difference["risky"][number]): Content {
  return element(
    "li",
    { class: refused === true ? "refused" : undefined },
    element("p", {}, element("strong", {}, `${refused === true ? "Refused" : "Risky"}: ${what}`)),
    element("p", {}, `What happens: ${happens}`),
    element("p", {}, `What to do: ${remedy}`),
  );
}

function hosts(all: readonly HostVerdict[]): Content {
  return dataTable("Table of hosts", {
    header: ["host", "order among the hosts", "role", "k3s", "drained", "what changes"],
    rows: all.map(({ name, order, role, k3s, drain, changes }) => [name, order, role, k3s, drain, changes]),
  });
}

function groupRow(group: ChangeGroup): ResourceRow {
  const { names, change } = group;
  const { kind, type, action, notes } = change;
  const documents = readDocuments(group);
  const lines = documents.flatMap(({ hunks }) => hunks.flatMap((hunk) => hunk.lines)).length;
  return {
    action,
    name: kind === "roll-out" ? "Roll-out order" : names.join(", "),
    type: kind === "resource" ? type : `${kind}${names.length === 1 ? "" : "s"}`,
    more: [
      notes.join("; "),
      lines === 0 ? undefined : details(`${lines} line${lines === 1 ? "" : "s"}`, documents.map(documentBlock)),
    ],
  };
}

/** What stays as it is: resources that are not in the difference, nor part of a node that is. */
function same({ changes }: Difference, { resources, nodes }: Plan): ResourceRow[] {
  const changed = new Set(changes.map(({ type, name }) => `${type} ${name}`));
  const steps = new Set(nodes.flatMap((node) => node.steps.map(({ name }) => name)));
  const machines = nodes
    .filter(({ name }) => !changed.has(` ${name}`))
    .map(({ name }) => ({ action: "same", name, type: "node", more: undefined }) as const);
  const others = resources
    .filter(({ type, name }) => !type.startsWith("groundwork:") && !changed.has(`${type} ${name}`) && !steps.has(name))
    .map(({ type, name, parent }) => {
      return { action: "same", name, type, more: parent === "" ? undefined : `part of ${parent}` } as const;
    });
  return [...machines, ...others];
}
