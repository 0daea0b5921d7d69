import { element, type Content, type Made } from "../../plan/render/html/element";
import { section, sectionOf } from "../../plan/render/html/page";
import { codeBlock, list, terms, type Section } from "../../plan/render/html/parts";
import { allows, type Grant } from "../access/grants";
import type { Operation, OutcomeError } from "../store/operations";
import { actionForm, messageField } from "./fields";
import { pathTo } from "./html";
import { changesOf, previewDiff } from "./previewDiff";
import { duration, hasEnded, mark, time, titleOf } from "./words";

/** An operation with what belongs to it. */
export interface OperationShown {
  readonly operation: Operation;
  /** The preview whose plan it does, where it is still in the record. */
  readonly preview: Operation | undefined;
  /** The run that does its plan. */
  readonly approval: Operation | undefined;
  /** Of the token that looks at it. */
  readonly grants: readonly Grant[];
}

/** How it stands, for a live region: the words of nothing else change in it. */
export function stateLine({ operation }: OperationShown): Made {
  const { state, isCancelRequested } = operation;
  const more = isCancelRequested && !hasEnded(operation) ? " Cancelling is asked for." : "";
  return element("p", { id: "state", class: "state", role: "status" }, mark(state), ` ${SAID[state]}${more}`);
}

const SAID: Readonly<Record<Operation["state"], string>> = {
  queued: "It waits for its stack or for a free place.",
  running: "It runs.",
  succeeded: "It has ended well.",
  failed: "It has failed.",
  cancelled: "It was cancelled; what was done is kept.",
  interrupted: "Its process was killed; what was done is kept.",
};

/** Who asked for it, and when; what it belongs to. */
export function facts({ operation, preview, approval }: OperationShown): Made {
  const { requestedBy, createdAt, startedAt, endedAt, message, preview: planOf } = operation;
  const rows: (readonly [string, Content])[] = [
    ["Asked for by", requestedBy],
    ["At", time(createdAt)],
    ...(message === undefined ? [] : [["Note", message] as const]),
    ...(startedAt === undefined ? [] : [["Began", time(startedAt)] as const]),
    ...(endedAt === undefined
      ? []
      : [
          ["Ended", [time(endedAt), startedAt === undefined ? "" : `, after ${duration(startedAt, endedAt)}`]] as const,
        ]),
    ...(planOf === undefined
      ? []
      : [["Does exactly", preview === undefined ? "the plan of a preview" : operationLink(preview)] as const]),
    ...(approval === undefined ? [] : [["Approved", [operationLink(approval), " ", mark(approval.state)]] as const]),
  ];
  return element("div", { id: "facts" }, terms(rows));
}

/** What the token may do with it now. */
export function actions({ operation, approval, grants }: OperationShown): Made {
  const { id, stack, kind, isCancelRequested } = operation;
  const has = (verb: "cancel" | "approve"): boolean => allows(grants, stack, verb);
  const mayCancel = !hasEnded(operation) && !isCancelRequested && has("cancel");
  const mayApprove = kind === "preview" && operation.state === "succeeded" && approval === undefined && has("approve");
  return element(
    "div",
    { id: "actions", class: "actions" },
    mayCancel ? actionForm(pathTo("operations", id, "cancel"), { button: "Cancel", kind: "stop" }) : undefined,
    mayApprove && changesOf(operation).length > 0
      ? actionForm(pathTo("operations", id, "approve"), {
          button: "Approve: do exactly this",
          kind: "main",
          more: messageField("message"),
        })
      : undefined,
  );
}

/** How it ended: what a preview found, what was done, or why it was not. */
export function result(shown: OperationShown): Made {
  const { operation } = shown;
  const error = operation.outcome?.error;
  const diff =
    operation.kind === "preview" && operation.state === "succeeded" ? previewDiff(changesOf(operation)) : undefined;
  const sections: (Section | undefined)[] = [
    section("why", "Why it did not end well", error === undefined ? undefined : whatWentWrong(shown, error)),
    section("verdict", "What up would do", diff?.verdict),
    section("concerns", "What to look at", diff?.concerns),
    section("hosts", "Hosts", diff?.hosts),
    section("changes", "Changes", diff?.changes),
    section("done", "What was done", counts(operation)),
  ];
  return element("div", { id: "result" }, sections.filter((one) => one !== undefined).map(sectionOf));
}

function counts({ kind, outcome }: Operation): Content | undefined {
  const numbers = outcome?.result?.["counts"];
  if (kind === "preview" || typeof numbers !== "object" || numbers === null) return undefined;
  const all = Object.entries(numbers as Readonly<Record<string, number>>);
  return element(
    "p",
    {},
    all.length === 0 ? "nothing" : all.map(([what, number]) => `${number} ${DONE[what] ?? what}`).join(", "),
  );
}

/** The engine's words for what was done to so many resources. */
const DONE: Readonly<Record<string, string | undefined>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
  same: "unchanged",
};

function whatWentWrong({ operation, preview, grants }: OperationShown, error: OutcomeError): Content {
  const { message, remedy, code, problems = [], failures = [] } = error;
  return [
    codeBlock(message),
    remedy === "" ? undefined : element("p", {}, element("strong", {}, "What to do: "), remedy),
    code === "plan-differs" ? planDiffers(operation, preview, grants) : undefined,
    problems.length === 0 ? undefined : list(problems.map(problemLine)),
    failures.map((failure) => {
      const { resource, lines } = failure as {
        readonly resource?: { readonly name?: string };
        readonly lines?: readonly string[];
      };
      return [element("h3", {}, resource?.name ?? "a resource"), codeBlock((lines ?? []).join("\n"))];
    }),
  ];
}

function planDiffers({ stack }: Operation, preview: Operation | undefined, grants: readonly Grant[]): Content {
  return [
    element(
      "p",
      {},
      "The stack, its settings or what is on the machines changed after the preview, so that its plan is not what would be done now. What differs is listed below; the plan cannot be approved again. Look at a new preview, and approve that one.",
    ),
    preview === undefined ? undefined : element("p", {}, "The plan was of ", operationLink(preview), "."),
    allows(grants, stack, "preview")
      ? actionForm(pathTo("stacks", stack, "operations"), {
          button: "Preview again",
          fields: { kind: "preview" },
          kind: "main",
        })
      : undefined,
  ];
}

function problemLine(problem: unknown): string {
  const { path = "", problem: what = "", remedy = "" } = problem as Readonly<Record<string, string | undefined>>;
  return [`${path} ${what}`.trim(), remedy].filter((part) => part !== "").join("; ");
}

function operationLink(operation: Operation): Made {
  return element("a", { href: pathTo("operations", operation.id) }, titleOf(operation));
}
