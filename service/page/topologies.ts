import { element, type Content } from "../../plan/render/html/element";
import { list } from "../../plan/render/html/parts";
import { drawn, LINES } from "../../plan/render/html/topology";
import { GroundworkError } from "../../config/groundworkError";
import { allows, type Grant } from "../access/grants";
import type { Ask } from "../runs/ask";
import type { ServedStack } from "../settings/serviceFile";
import type { Operations } from "../store/operations";

/** How long an answer of the engine is shown again: a stack may be changed from elsewhere as well. */
const KEPT_MS = 60_000;

interface Kept {
  /** The operation that was the newest when it was asked. */
  readonly latest: string | undefined;
  readonly until: number;
  readonly outputs: Promise<unknown>;
}

/** What the stacks' outputs tell of their clusters. Asking the engine takes a process and seconds, so an answer is kept for a while. */
export class Topologies {
  readonly #ask: Ask;
  readonly #operations: Operations;
  readonly #now: () => Date;
  readonly #kept = new Map<string, Kept>();

  constructor({
    ask,
    operations,
    now,
  }: {
    readonly ask: Ask;
    readonly operations: Operations;
    readonly now: () => Date;
  }) {
    this.#ask = ask;
    this.#operations = operations;
    this.#now = now;
  }

  /** The cluster for a page, or why it is not shown. */
  async of(stack: ServedStack, grants: readonly Grant[]): Promise<Content> {
    if (!allows(grants, stack.name, "outputs")) {
      return sentence("The machines are known from the stack's outputs, which this token may not see (outputs).");
    }
    try {
      return topologyOf(stack.name, await this.#outputs(stack)) ?? sentence(NONE);
    } catch (error) {
      if (!GroundworkError.isInstance(error)) throw error;
      if (error.code === "stack-not-found") return sentence(NONE);
      return sentence(
        `The engine has not told which machines there are: ${error.message}. What to do: ${error.remedy}.`,
      );
    }
  }

  async #outputs(stack: ServedStack): Promise<unknown> {
    const [latest] = (await this.#operations.list(stack.name, { limit: 1 })).map(({ id, state }) => `${id} ${state}`);
    const kept = this.#kept.get(stack.name);
    if (kept?.latest === latest && kept !== undefined && kept.until > this.#now().getTime()) return kept.outputs;
    const outputs = this.#ask(stack, { what: "outputs", secrets: false });
    this.#kept.set(stack.name, { latest, outputs, until: this.#now().getTime() + KEPT_MS });
    // What failed is asked again.
    outputs.catch(() => this.#kept.delete(stack.name));
    return outputs;
  }
}

const NONE = "No machines are known: there was no up yet, or the cluster was destroyed.";

function sentence(text: string): Content {
  return element("p", {}, text);
}

interface Node {
  readonly name: string;
  readonly role: string;
  readonly version: string;
}

/** Outputs are what a stack of any version gave: whatever is not as expected is left out. */
function topologyOf(stack: string, outputs: unknown): Content | undefined {
  const { nodes, apiUrl, ingress } = outputs as Readonly<Record<string, unknown>>;
  const machines = (Array.isArray(nodes) ? (nodes as readonly Partial<Node>[]) : []).map((node) => ({
    name: String(node.name),
    role: String(node.role),
    lines: [String(node.role), `k3s ${String(node.version)}`],
    impact: undefined,
  }));
  const servers = machines.filter(({ role }) => role === "server");
  const agents = machines.filter(({ role }) => role !== "server");
  const api = text(apiUrl);
  const picture = drawn({
    stack,
    api: [`API ${api === "" ? "of the cluster" : api}`],
    zones: machines.length === 0 ? [] : [{ name: "", machines: [...servers, ...agents] }],
    caption: [LINES, " As the last up gave them."],
  });
  const ends = [
    ["API", api],
    ["Ingress", text(ingress)],
  ].filter(([, value]) => value !== "");
  if (picture === undefined && ends.length === 0) return undefined;
  return [
    picture,
    list(
      ends.map(([name, value]) => `${name ?? ""}: ${value ?? ""}`),
      { class: "plain" },
    ),
  ];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
