import { availableParallelism } from "node:os";
import { changeLines, pathText, type Change } from "./diff";
import type { Operation, Step } from "./step";

/** What names a resource to a person. */
export interface Named {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** URN; absent for what belongs to the stack itself. */
  readonly parent?: string;
}

/** What happens, for whom does not read lines. */
export type EngineEvent =
  | {
      readonly kind: "step";
      readonly phase: "planned" | "started" | "done" | "failed";
      readonly operation: Exclude<Operation, "same">;
      readonly resource: Named;
    }
  | { readonly kind: "line"; readonly resource: Named; readonly text: string };

/** Who is told what happens, and may say that nothing more is to be begun. */
export interface Watcher {
  readonly tell: (event: EngineEvent) => void;
  readonly signal: AbortSignal;
}

const NOBODY: Watcher = { tell: () => undefined, signal: new AbortController().signal };

export interface OperationOn extends Named {
  readonly operation: Operation;
}

export interface Failure extends Named {
  readonly message: string;
}

const SIGNS: Record<Operation, string> = { same: " ", create: "+", update: "~", replace: "+-", delete: "-" };
const DOING: Record<Operation, [string, string]> = {
  same: ["keeping", "kept"],
  create: ["creating", "created"],
  update: ["updating", "updated"],
  replace: ["replacing", "replaced"],
  delete: ["deleting", "deleted"],
};
/** Nothing is silent for longer than this. */
const SILENCE_MS = 10_000;
/** Shorter texts would hide half of every line, and are no secrets. */
const SHORTEST_HIDDEN = 6;
/** A long secret (a key, a kubeconfig) also consists of ordinary words; its own are long. */
const SHORTEST_HIDDEN_WORD = 32;
/** A script that is secret for the token in it also names files, which its errors must be able to name. */
const PLACE_ON_A_HOST = /^\/(etc|lib|proc|root|run|tmp|usr|var)\//;

/** Everything a run shows and counts; secrets it was told of never appear in a line. */
export class Progress {
  readonly operations: OperationOn[] = [];
  readonly failures: Failure[] = [];
  readonly #out: (line: string) => void;
  readonly #showsChanges: boolean;
  readonly #watcher: Watcher;
  readonly #hidden = new Set<string>();
  readonly #running = new Map<Named, number>();
  readonly #places: (() => void)[] = [];
  #free = 4 * availableParallelism();
  #lastLineAt = Date.now();

  constructor(out: (line: string) => void, showsChanges: boolean, watcher: Watcher = NOBODY) {
    this.#out = out;
    this.#showsChanges = showsChanges;
    this.#watcher = watcher;
  }

  print(line: string): void {
    this.#lastLineAt = Date.now();
    this.#out(this.masked(line));
  }

  /** Texts that no line may show from now on; the long words of longer texts are hidden too. */
  hide(texts: readonly string[]): void {
    for (const text of texts) {
      if (text.trim().length >= SHORTEST_HIDDEN) this.#hidden.add(text.trim());
      if (!text.includes("\n")) continue;
      for (const word of text.split(/[\s'"]+/)) {
        if (word.length >= SHORTEST_HIDDEN_WORD && !PLACE_ON_A_HOST.test(word)) this.#hidden.add(word);
      }
    }
  }

  masked(text: string): string {
    let masked = text;
    for (const hidden of this.#hidden) masked = masked.replaceAll(hidden, "[secret]");
    return masked;
  }

  planned(resource: Named, step: Step): void {
    this.operations.push({ urn: resource.urn, type: resource.type, name: resource.name, operation: step.operation });
    if (step.operation === "same" || !this.#showsChanges) return;
    this.print(
      ` ${SIGNS[step.operation].padEnd(2)} ${resource.type} ${resource.name} ${step.operation}${summary(step.changes)}`,
    );
    for (const line of step.changes.flatMap(changeLines)) this.print(`      ${line}`);
    this.#step("planned", resource, step.operation);
  }

  plannedDeletion(resource: Named & { replaced: boolean }): void {
    if (resource.replaced) return;
    this.operations.push({ urn: resource.urn, type: resource.type, name: resource.name, operation: "delete" });
    if (!this.#showsChanges) return;
    this.print(` -  ${resource.type} ${resource.name} delete`);
    this.#step("planned", resource, "delete");
  }

  forgotten(resource: Named, goesAlong: boolean): void {
    this.print(
      ` -  ${resource.type} ${resource.name} ${goesAlong ? "goes with what it lived on" : "is kept, and forgotten here"}`,
    );
  }

  failed(resource: Named, error: Error): void {
    const message = this.masked(error.message);
    if (this.failures.some((failure) => failure.urn === resource.urn && failure.message === message)) return;
    this.failures.push({ urn: resource.urn, type: resource.type, name: resource.name, message });
  }

  /** Runs one operation when a place is free, and says when it begins and how it ended. */
  async during(
    resource: Named,
    operation: Operation,
    work: (print: (line: string) => void) => Promise<void>,
  ): Promise<void> {
    await this.#place();
    if (this.#watcher.signal.aborted) {
      this.#leave();
      throw new Error("it was not begun: the run was cancelled");
    }
    const begun = Date.now();
    const what = `${SIGNS[operation].padEnd(2)} ${resource.type} ${resource.name}`;
    this.#running.set(resource, begun);
    this.print(` ${what} ${DOING[operation][0]}`);
    this.#step("started", resource, operation);
    try {
      await work((line) => {
        this.print(`${resource.name} | ${line}`);
        this.#watcher.tell({ kind: "line", resource, text: this.masked(line) });
      });
      this.print(` ${what} ${DOING[operation][1]} (${since(begun)})`);
      this.#step("done", resource, operation);
    } catch (error) {
      this.print(` ${what} ${DOING[operation][0]} failed (${since(begun)})`);
      this.#step("failed", resource, operation);
      throw error;
    } finally {
      this.#running.delete(resource);
      this.#leave();
    }
  }

  #step(phase: "planned" | "started" | "done" | "failed", resource: Named, operation: Operation): void {
    if (operation !== "same") this.#watcher.tell({ kind: "step", phase, operation, resource });
  }

  /** Says what is still running whenever nothing else was said for ten seconds; the returned function ends that. */
  keepTalking(): () => void {
    const timer = setInterval(() => {
      if (this.#running.size === 0 || Date.now() - this.#lastLineAt < SILENCE_MS) return;
      const names = [...this.#running].map(([resource, begun]) => `${resource.name} (${since(begun)})`);
      this.print(`    still running: ${names.join(", ")}`);
    }, 1000);
    return () => clearInterval(timer);
  }

  /** As many operations at a time as Pulumi runs: four for each processor. */
  async #place(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#places.push(resolve));
  }

  #leave(): void {
    const next = this.#places.shift();
    if (next) next();
    else this.#free++;
  }
}

/** ` [diff: ~stdin,+update]`: the top-level properties that change, as Pulumi sums them up. */
function summary(changes: readonly Change[]): string {
  const names = new Map<string, string>();
  for (const { path, before, after } of changes) {
    const sign =
      path.length > 1 || (before !== undefined && after !== undefined) ? "~" : before === undefined ? "+" : "-";
    names.set(pathText(path.slice(0, 1)), sign);
  }
  if (names.size === 0) return "";
  return ` [diff: ${[...names].map(([name, sign]) => sign + name).join(",")}]`;
}

function since(begun: number): string {
  return `${((Date.now() - begun) / 1000).toFixed(1)}s`;
}
