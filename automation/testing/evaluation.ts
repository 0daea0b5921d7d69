import { groundwork } from "../../index";
import { collect } from "../../plan/run/collect";
import type { PlanValue } from "../../plan/values";
import type { Given } from "../program";
import { objectSource } from "../settingsObject";
import { PROJECT } from "../workspace";

/** A resource of a test stack: what the program registered for it, with secrets and what only `up` knows as marks. */
export interface TestResource {
  readonly urn: string;
  readonly type: string;
  /** URN; empty for what belongs to the stack itself. */
  readonly parent: string;
  /** Whether something stands behind it: false for what only groups others. */
  readonly custom: boolean;
  readonly protect: boolean;
  readonly inputs: Readonly<Record<string, PlanValue>>;
}

/** What the program makes of a stack's settings. */
export interface Evaluation {
  /** In the order of registration: what another one needs stands before it. */
  readonly resources: readonly TestResource[];
  readonly outputs: Readonly<Record<string, PlanValue>>;
}

let previous: Promise<unknown> = Promise.resolve();

/** Runs the whole program against Pulumi's mocks. One at a time: the mocks are the process's own. */
export async function evaluateProgram({ settings, stack }: Given): Promise<Evaluation> {
  const source = objectSource(settings ?? {}, () => undefined);
  const noWay = async (): Promise<void> => Promise.resolve();
  const evaluated = previous.then(async () => collect(() => groundwork(source, undefined, noWay), PROJECT, stack));
  previous = evaluated.catch(() => undefined);
  const { registrations, outputs } = await evaluated;
  const itself = { type: "pulumi:pulumi:Stack", parent: "", custom: false, protect: false, inputs: {} };
  const urn = `urn:pulumi:${stack}::${PROJECT}::${itself.type}::${PROJECT}-${stack}`;
  const resources = registrations.map(({ dependsOn: _, name: __, ...resource }) => resource);
  return { resources: [{ urn, ...itself }, ...resources], outputs };
}
