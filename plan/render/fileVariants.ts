import { changedLines, type DiffLine } from "../compare/lineDiff";
import type { PlanNode } from "../model";

/** A file as some of the nodes get it. */
export interface FileVariant {
  readonly nodes: readonly string[];
  readonly mode: string;
  readonly content: string;
  /** Set when another variant is told in full and this one differs little from it. */
  readonly like: { readonly node: string; readonly changes: readonly DiffLine[] } | undefined;
}

/** A path, and what the nodes have there. */
export interface FileOverview {
  readonly path: string;
  readonly variants: readonly FileVariant[];
}

/** The nodes' files by path, each content told once: nodes mostly differ in a line or two. */
export function filesOf(nodes: readonly PlanNode[]): FileOverview[] {
  const byPath = new Map<string, Map<string, { nodes: string[]; mode: string; content: string }>>();
  for (const node of nodes) {
    for (const { path, mode, content } of node.files) {
      const variants = byPath.get(path) ?? new Map<string, { nodes: string[]; mode: string; content: string }>();
      byPath.set(path, variants);
      const key = `${mode} ${content}`;
      const variant = variants.get(key) ?? { nodes: [], mode, content };
      variants.set(key, variant);
      variant.nodes.push(node.name);
    }
  }
  return [...byPath].map(([path, variants]) => ({ path, variants: related([...variants.values()]) }));
}

type Variant = Omit<FileVariant, "like">;

function related(variants: readonly Variant[]): FileVariant[] {
  const told: Variant[] = [];
  return variants.map((variant) => {
    const like = nearestOf(told, variant);
    if (like === undefined) told.push(variant);
    return { ...variant, like };
  });
}

/** The variant told in full that differs least: in at most half of the lines. */
function nearestOf(told: readonly Variant[], { mode, content }: Variant): FileVariant["like"] {
  let best: FileVariant["like"];
  for (const other of told) {
    if (other.mode !== mode) continue;
    const changes = changedLines(other.content, content);
    const limit = best?.changes.length ?? content.split("\n").length;
    if (changes.length < limit) best = { node: other.nodes[0] ?? "", changes };
  }
  return best;
}
