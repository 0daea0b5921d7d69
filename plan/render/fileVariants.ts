import { changedLines, type DiffLine } from "../compare/lineDiff";
import type { PlanNode } from "../model";

/** A file as some of the nodes get it. */
export interface FileVariant {
  readonly nodes: readonly string[];
  readonly mode: string;
  readonly content: string;
  /** Set when another variant is shown in full and this one differs little from it. */
  readonly like: { readonly node: string; readonly changes: readonly DiffLine[] } | undefined;
}

/** A path, and what the nodes have there. */
export interface FileOverview {
  readonly path: string;
  readonly variants: readonly FileVariant[];
}

/** The nodes' files by path, each content shown once: nodes mostly differ in a line or two. */
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
  const full: Variant[] = [];
  return variants.map((variant) => {
    const like = nearestOf(full, variant);
    if (like === undefined) full.push(variant);
    return { ...variant, like };
  });
}

/** The variant shown in full that differs least: in at most half of the lines. */
function nearestOf(full: readonly Variant[], { mode, content }: Variant): FileVariant["like"] {
  let best: FileVariant["like"];
  for (const other of full) {
    if (other.mode !== mode) continue;
    const changes = changedLines(other.content, content);
    const limit = best?.changes.length ?? content.split("\n").length;
    if (changes.length < limit) best = { node: other.nodes[0] ?? "", changes };
  }
  return best;
}
