import type { WhyNode } from "../operate/certificate/why";
import { wrap } from "../plan/render/layout";
import type { Terminal } from "./terminal";

type Page = Pick<Terminal, "paint" | "width">;

const SIGNS = { ready: "✓", waiting: "…", failed: "✗", missing: "✗" } as const;

export interface WhyText {
  /** The certificates that were asked for, each with what it waits for. */
  readonly trees: readonly WhyNode[];
  /** Challenges that stay though their certificate is gone. */
  readonly left: readonly WhyNode[];
  /** Whether one was asked for by its name, and is shown though it is ready. */
  readonly isNamed: boolean;
}

/** The trees for people: those that are not ready, and how many are. */
export function whyText({ trees, left, isNamed }: WhyText, page: Page): string {
  const bad = trees.filter(({ state }) => state !== "ready");
  const shown = isNamed ? trees : bad;
  const lines = shown.flatMap((tree) => [...treeLines(tree, page), ""]);
  const leftLines = left.flatMap((node) => [
    ...treeLines(node, page),
    page.paint.faint(
      "  → its DNS record cannot be taken away: mend that, and it goes by itself. Otherwise by hand, with the TXT record:",
    ),
    page.paint.faint(
      `    kubectl -n ${node.namespace ?? ""} patch challenges.acme.cert-manager.io ${node.name} --type=merge -p '{"metadata":{"finalizers":null}}'`,
    ),
    "",
  ]);
  return [...lines, ...leftLines, ...(isNamed && left.length === 0 ? [] : [countText(trees.length, bad.length)])]
    .join("\n")
    .replace(/\n*$/, "\n");
}

function countText(all: number, bad: number): string {
  if (all === 0) return "there are no certificates";
  if (bad > 0) {
    const noun = all === 1 ? "certificate" : "certificates";
    return `${String(bad)} of ${String(all)} ${noun} ${bad === 1 ? "is" : "are"} not ready`;
  }
  return all === 1 ? "the only certificate is ready" : `all ${String(all)} certificates are ready`;
}

function treeLines(node: WhyNode, page: Page): string[] {
  const below = node.parts.flatMap((part, index) => {
    const isLast = index === node.parts.length - 1;
    const [first = "", ...rest] = treeLines(part, { ...page, width: page.width - 3 });
    return [`${isLast ? "└─ " : "├─ "}${first}`, ...rest.map((line) => `${isLast ? "   " : "│  "}${line}`)];
  });
  const bar = node.parts.length === 0 ? "  " : "│ ";
  const own = ownLines(node, page).map((line) => `${bar}${line}`);
  return [headLine(node, page), ...own, ...below];
}

function headLine({ kind, namespace, name, state, about, ageSeconds, reason }: WhyNode, { paint }: Page): string {
  const where = namespace === undefined || kind !== "Certificate" ? name : `${namespace}/${name}`;
  const what = [about, reason, ageSeconds === undefined ? "" : ageText(ageSeconds)].filter((text) => text !== "");
  const text = `${SIGNS[state]} ${kind} ${where}${what.length === 0 ? "" : ` (${what.join("; ")})`}`;
  return state === "failed" || state === "missing"
    ? paint.removed(text)
    : state === "waiting"
      ? paint.warning(text)
      : text;
}

function ownLines({ message, remedy }: WhyNode, { paint, width }: Page): string[] {
  const said = message === "" ? [] : wrap(message.replace(/\s+/g, " "), width - 2);
  return [...said, ...(remedy === undefined ? [] : wrap(`→ ${remedy}`, width - 2).map(paint.faint))];
}

/** How old something is, in its largest unit: `12 min`. */
export function ageText(seconds: number): string {
  if (seconds < 120) return `${String(seconds)} s`;
  if (seconds < 7200) return `${String(Math.round(seconds / 60))} min`;
  if (seconds < 172_800) return `${String(Math.round(seconds / 3600))} h`;
  return `${String(Math.round(seconds / 86_400))} d`;
}
