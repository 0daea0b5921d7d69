import { element, markupOf, type Content, type Made } from "../../plan/render/html/element";
import { section, sectionOf } from "../../plan/render/html/page";
import type { Caller } from "../access/caller";
import type { RecordedEvent } from "../runs/eventLog";
import type { Operation } from "../store/operations";
import { pathTo, type Shown } from "./html";
import { actions, facts, result, stateLine, type OperationShown } from "./operationParts";
import { changesOf } from "./previewDiff";
import { Rollout } from "./rollout";
import { groupHead, groupItem, ROLLOUT, rolloutList, rowItem, rowsOf } from "./rolloutTable";
import { clock, hasEnded, titleOf } from "./words";

/** Lines of a run that a page begins with; all are in the events of the API. */
const MOST_LINES = 500;
const LINES = "lines";

/** Markup for a place on the page: in the place of what is in it, or added to another one where there is no such place yet. */
export interface Put {
  readonly id: string;
  readonly into?: string;
  readonly html: string;
}

/** A page of one operation, which goes on with the operation's events. */
export class OperationView {
  readonly #rollout: Rollout;
  readonly #lines: Made[] = [];
  #said = 0;
  #at = 0;

  constructor({ operation, preview }: OperationShown) {
    // The roll-out of a plan is known before it begins.
    this.#rollout = new Rollout(operation.preview === undefined || preview === undefined ? [] : changesOf(preview));
  }

  /** Takes an event, and gives what changes on the page. @param id Number of the event. */
  take(event: RecordedEvent, id: number): Put[] {
    this.#at = id;
    if (event.kind === "step") return this.#step(event);
    if (event.kind === "summary") return [];
    const line = lineItem(event, this.#said++);
    this.#lines.push(line);
    if (this.#lines.length > MOST_LINES) this.#lines.shift();
    return [{ id: `line-${this.#said - 1}`, into: LINES, html: markupOf(line) }];
  }

  /** The page as it stands. */
  page(token: Caller, shown: OperationShown): Shown {
    const { operation } = shown;
    const { id, stack } = operation;
    const isOver = hasEnded(operation);
    return {
      title: titleOf(operation),
      tab: tabOf(operation),
      token,
      trail: [
        [stack, pathTo("stacks", stack)],
        [titleOf(operation), pathTo("operations", id)],
      ],
      ...(isOver ? {} : { live: `${pathTo("operations", id, "events")}?after=${this.#at}&state=${operation.state}` }),
      lead: [
        stateLine(shown),
        element("p", { id: "lost", role: "status" }),
        isOver ? undefined : reload(operation),
        facts(shown),
        actions(shown),
        result(shown),
        this.#progress(shown),
      ],
      sections: [section("output", "Lines and problems", isOver && this.#said === 0 ? undefined : this.#output())],
    };
  }

  /** What the page has when the operation has ended. */
  end(shown: OperationShown): Put[] {
    const parts = {
      facts: facts(shown),
      actions: actions(shown),
      result: result(shown),
      progress: this.#progress(shown),
    };
    // The state at last: who listens to the page is told of it when the rest is there.
    return Object.entries({ ...parts, state: stateLine(shown) }).map(([id, part]) => ({ id, html: markupOf(part) }));
  }

  /** What a page is told when the operation begins, which no event of it says. */
  state(shown: OperationShown): Put[] {
    return [
      { id: "state", html: markupOf(stateLine(shown)) },
      { id: "facts", html: markupOf(facts(shown)) },
    ];
  }

  #step(event: RecordedEvent): Put[] {
    const isNew = new Set(this.#rollout.groups.map(({ id }) => id));
    const taken = this.#rollout.take(event);
    if (taken === undefined) return [];
    const { group, row } = taken;
    if (!isNew.has(group.id)) return [{ id: group.id, into: ROLLOUT, html: markupOf(groupItem(group, false)) }];
    return [
      { id: row.id, into: rowsOf(group), html: markupOf(rowItem(row, false)) },
      { id: `${group.id}-head`, html: markupOf(groupHead(group, false)) },
    ];
  }

  /** The roll-out; of a preview, and of what touches nothing, only while it runs. */
  #progress({ operation }: OperationShown): Made {
    const isOver = hasEnded(operation);
    const isPreview = operation.kind === "preview";
    const shown =
      isOver && (isPreview || this.#rollout.groups.length === 0)
        ? undefined
        : section("roll-out", isPreview ? "Found so far" : "Roll-out", rolloutList(this.#rollout, isOver));
    return element("div", { id: "progress" }, shown === undefined ? undefined : sectionOf(shown));
  }

  #output(): Content {
    const earlier = this.#said - this.#lines.length;
    return [
      earlier === 0 ? undefined : element("p", {}, `${earlier} earlier lines are not shown.`),
      element("ol", { id: LINES, class: "lines", tabindex: 0, "aria-label": "Lines and problems" }, ...this.#lines),
    ];
  }
}

/** What the browser's tab says. */
export function tabOf(operation: Operation): string {
  return `${operation.state}: ${titleOf(operation)}`;
}

function reload({ id }: Operation): Made {
  const link = element("a", { href: pathTo("operations", id) }, "Load again");
  return element("p", { class: "reload" }, link, " to see how it goes on.");
}

function lineItem(event: Extract<RecordedEvent, { kind: "line" | "problem" }>, number: number): Made {
  const severity = event.kind === "problem" ? event.severity : undefined;
  return element(
    "li",
    { id: `line-${number}`, class: severity === "error" ? "error" : severity === undefined ? undefined : "problem" },
    element("span", { class: "kind" }, clock(event.at)),
    severity === undefined || event.text.startsWith(`${severity}: `) ? undefined : `${severity}: `,
    event.resource === undefined ? undefined : `${event.resource.name}: `,
    event.text,
  );
}
