import { element, type Content, type Made } from "../../plan/render/html/element";
import { section } from "../../plan/render/html/page";
import { contentTable, list, terms } from "../../plan/render/html/parts";
import type { Caller } from "../access/caller";
import type { HistoryBody } from "../api/schemas";
import type { Operation } from "../store/operations";
import { actionForm, messageField } from "./fields";
import { pathTo, type Shown } from "./html";
import { count, duration, mark, time, titleOf } from "./words";

/** A stack in the list of all. */
export interface StackLine {
  readonly name: string;
  readonly latest: Operation | undefined;
  readonly running: Operation | undefined;
  /** When the newest `up` of the record that succeeded ended. */
  readonly lastUp: Date | undefined;
}

export function stackListPage(token: Caller, lines: readonly StackLine[]): Shown {
  const rows = lines.map(({ name, latest, running, lastUp }) => [
    link(name, "stacks", name),
    latest === undefined ? "nothing was asked yet" : [stateLink(latest), ` ${latest.kind}`],
    running === undefined ? "nothing" : link(titleOf(running), "operations", running.id),
    lastUp === undefined ? "not known here" : time(lastUp.toISOString()),
  ]);
  return {
    title: "Stacks",
    token,
    lead: element(
      "p",
      {},
      rows.length === 0 ? "This token may read no stack." : `${count(rows.length, "stack")} that this token may read. `,
      element("a", { href: pathTo() }, "Load again"),
    ),
    sections: [
      section(
        "stacks",
        "All stacks",
        rows.length === 0
          ? undefined
          : contentTable("Table of stacks", ["stack", "latest operation", "runs now", "last up"], rows),
      ),
    ],
  };
}

export interface StackShown {
  readonly name: string;
  readonly topology: Content;
  readonly latest: Operation | undefined;
  readonly running: Operation | undefined;
  /** What the token may ask for. */
  readonly kinds: readonly ("preview" | "refresh" | "up")[];
  /** The newest first. */
  readonly operations: readonly Operation[];
  /** Whether the list begins with the newest. */
  readonly isFirst: boolean;
  /** The operation before which there are more. */
  readonly older: string | undefined;
}

const BUTTONS = {
  preview: ["Preview", "What up would do; nothing is changed. Its plan can be approved."],
  refresh: ["Refresh", "Records what is found to be otherwise than the state says; nothing is changed on machines."],
  up: ["Up", "Makes the cluster what the settings say, without a look at a plan before."],
} as const;

export function stackPage(token: Caller, shown: StackShown): Shown {
  const { name, topology, latest, running } = shown;
  return {
    title: `Stack ${name}`,
    token,
    trail: [[name, pathTo("stacks", name)]],
    lead: terms([
      ["Latest", latest === undefined ? "nothing was asked yet" : [stateLink(latest), ` ${latest.kind}`]],
      ["Runs now", running === undefined ? "nothing" : link(titleOf(running), "operations", running.id)],
    ]),
    sections: [
      section("actions", "Actions", actions(shown)),
      section("cluster", "Cluster", topology),
      section(
        "operations",
        "Operations",
        operationTable(shown),
        element("p", {}, link("History of the engine, with runs from elsewhere", "stacks", name, "history")),
      ),
    ],
  };
}

function actions({ name, kinds }: StackShown): Content | undefined {
  if (kinds.length === 0) return undefined;
  const forms = kinds.map((kind) => {
    const [button, words] = BUTTONS[kind];
    return [
      actionForm(pathTo("stacks", name, "operations"), {
        button,
        fields: { kind },
        ...(kind === "preview" ? { kind: "main" } : {}),
        ...(kind === "up" ? { more: messageField("up-message") } : {}),
      }),
      element("p", { class: "kind" }, words),
    ];
  });
  return list(forms, { class: "plain forms" });
}

function operationTable({ name, operations, isFirst, older }: StackShown): Content {
  if (operations.length === 0) return element("p", {}, "Nothing was asked through the service.");
  return [
    contentTable(
      "Table of operations",
      ["asked for", "what", "state", "by", "took", "note"],
      operations.map((operation) => {
        const { createdAt, kind, requestedBy, message, startedAt, endedAt, id, preview } = operation;
        return [
          link(time(createdAt), "operations", id),
          preview === undefined ? kind : `${kind}, approved`,
          mark(operation.state),
          requestedBy,
          startedAt === undefined || endedAt === undefined ? undefined : duration(startedAt, endedAt),
          message,
        ];
      }),
    ),
    element(
      "p",
      { class: "pages" },
      isFirst ? undefined : link("Newest", "stacks", name),
      older === undefined
        ? undefined
        : element("a", { href: `${pathTo("stacks", name)}?before=${older}#operations` }, "Older"),
    ),
  ];
}

export function historyPage(token: Caller, name: string, entries: HistoryBody["entries"], most: number): Shown {
  const rows = entries.map(({ version, operation, result, start, end, changes, message }) => [
    version,
    operation,
    result,
    time(iso(start)),
    end === undefined ? undefined : duration(iso(start), iso(end)),
    Object.entries(changes)
      .map(([change, number]) => `${number} ${change}`)
      .join(", "),
    message,
  ]);
  return {
    title: `History of ${name}`,
    token,
    trail: [
      [name, pathTo("stacks", name)],
      ["History", pathTo("stacks", name, "history")],
    ],
    lead: element(
      "p",
      {},
      rows.length === 0
        ? "The engine knows of nothing that was done to this stack."
        : `What was done to the stack by whomever, as the engine has it: the newest ${most} at most.`,
    ),
    sections: [
      section(
        "entries",
        "Entries",
        rows.length === 0
          ? undefined
          : contentTable(
              "Table of the history",
              ["number", "what", "result", "began", "took", "resources", "note"],
              rows,
            ),
      ),
    ],
  };
}

function link(words: Content, ...steps: readonly string[]): Made {
  return element("a", { href: pathTo(...steps) }, words);
}

function stateLink({ id, state }: Operation): Made {
  return link(mark(state), "operations", id);
}

/** Of a process that was asked it is a text already. */
function iso(at: unknown): string {
  return at instanceof Date ? at.toISOString() : String(at);
}
