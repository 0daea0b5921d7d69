import type { EngineEvent, OpMap, OpType, StepEventMetadata } from "@pulumi/pulumi/automation";
import type { Problem } from "../config/problem";
import type { ResourceFailure } from "./errors";
import { planViolation } from "./planViolation";
import { isImplied, resourceName, type ResourceName } from "./resourceName";

/** What is done to a resource; the engine's own words. */
export type Operation = Exclude<OpType, "same">;
/** How many resources each operation was, or would be, done to. */
export type ChangeCounts = OpMap;

/** What happens while an operation runs, in order. */
export type StackEvent =
  | {
      /** Something begins, ends or fails; `planned` in a preview. */
      readonly kind: "step";
      readonly phase: "planned" | "started" | "done" | "failed";
      readonly operation: Operation;
      readonly resource: ResourceName;
    }
  /** A line that a host, or a provider, printed. */
  | { readonly kind: "line"; readonly resource: ResourceName | undefined; readonly text: string }
  | {
      readonly kind: "problem";
      readonly severity: "warning" | "error";
      readonly resource: ResourceName | undefined;
      readonly text: string;
    }
  /** The end of an operation that got to its end. */
  | { readonly kind: "summary"; readonly changes: ChangeCounts; readonly seconds: number };

type Summary = Extract<StackEvent, { kind: "summary" }>;

const NOTHING_YET: Summary = { kind: "summary", changes: {}, seconds: 0 };

/** Turns the engine's events into those of a stack, and remembers what failed. */
export class EventReader {
  readonly #mask: (text: string) => string;
  readonly #resources = new Map<string, ResourceName>();
  readonly #failed = new Map<string, string[]>();
  readonly #errors = new Map<string, string[]>();
  readonly #violations: Problem[] = [];
  #summary = NOTHING_YET;

  constructor(mask: (text: string) => string) {
    this.#mask = mask;
  }

  /** The stack's events that an event of the engine stands for: none, one, or a line each. */
  read(event: EngineEvent): StackEvent[] {
    if (event.resourcePreEvent !== undefined) {
      const { metadata, planning } = event.resourcePreEvent;
      return this.#step(planning === true ? "planned" : "started", metadata);
    }
    if (event.resOutputsEvent !== undefined) {
      return event.resOutputsEvent.planning === true ? [] : this.#step("done", event.resOutputsEvent.metadata);
    }
    if (event.resOpFailedEvent !== undefined) {
      const { metadata } = event.resOpFailedEvent;
      if (!this.#failed.has(metadata.urn)) this.#failed.set(metadata.urn, []);
      return this.#step("failed", metadata);
    }
    if (event.diagnosticEvent !== undefined) return this.#diagnostic(event.diagnosticEvent);
    if (event.summaryEvent !== undefined) {
      const { resourceChanges, durationSeconds } = event.summaryEvent;
      this.#summary = { kind: "summary", changes: resourceChanges, seconds: durationSeconds };
      return [this.#summary];
    }
    return [];
  }

  get summary(): Summary {
    return this.#summary;
  }

  /** The resources that failed, each with what was said about it. */
  get failures(): ResourceFailure[] {
    return [...this.#failed.keys()].map((urn) => ({
      resource: this.#resources.get(urn) ?? resourceName(urn),
      lines: this.#errors.get(urn) ?? [],
    }));
  }

  /** What would have been done that is not in the plan, a resource each. */
  get violations(): readonly Problem[] {
    return this.#violations;
  }

  /** Errors about anything but the resources that failed. */
  get errorLines(): string[] {
    return [...this.#errors].filter(([urn]) => !this.#failed.has(urn)).flatMap(([, lines]) => lines);
  }

  #step(phase: "planned" | "started" | "done" | "failed", metadata: StepEventMetadata): StackEvent[] {
    const resource = resourceName(metadata.urn, metadata.new?.parent ?? metadata.old?.parent);
    this.#resources.set(metadata.urn, resource);
    return metadata.op === "same" || isImplied(resource)
      ? []
      : [{ kind: "step", phase, operation: metadata.op, resource }];
  }

  #diagnostic({ urn = "", message, severity, ephemeral }: NonNullable<EngineEvent["diagnosticEvent"]>): StackEvent[] {
    // The SDK's type leaves out `debug`: every call to the engine with all its values, secrets too.
    if (!SEVERITIES.includes(severity) || this.#isNoiseAtTheEnd(urn, message)) return [];
    const lines = this.#mask(plainText(message))
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "");
    const resource = urn === "" ? undefined : (this.#resources.get(urn) ?? resourceName(urn));
    const violation = severity === "error" ? planViolation(plainText(message)) : undefined;
    if (violation !== undefined) return [this.#violation(urn, message, this.#mask(violation))];
    if (severity === "info" || severity === "info#err" || ephemeral === true) {
      return lines.map((text) => ({ kind: "line", resource, text }));
    }
    if (severity === "error") this.#errors.set(urn, [...(this.#errors.get(urn) ?? []), ...lines]);
    return lines.length === 0 ? [] : [{ kind: "problem", severity, resource, text: lines.join("\n") }];
  }

  #violation(urn: string, message: string, problem: string): StackEvent {
    // Some of these errors name their resource in the text only.
    const [named = urn] = /urn:pulumi:\S+/.exec(message) ?? [];
    const resource = named === "" ? undefined : (this.#resources.get(named) ?? resourceName(named));
    const path = resource === undefined ? "stack" : resource.name;
    this.#violations.push({ path, problem, remedy: "" });
    return { kind: "problem", severity: "error", resource, text: `not in the plan: ${problem}` };
  }

  /** A plugin that is shut down may be quicker than the engine, which then calls it an error; all is done by then. */
  #isNoiseAtTheEnd(urn: string, message: string): boolean {
    return this.#summary !== NOTHING_YET && urn === "" && message.includes("exited prematurely");
  }
}

const SEVERITIES: readonly string[] = ["info", "info#err", "warning", "error"];

/** Text without the engine's colour marks (`<{%reset%}>`) and without a terminal's. */
export function plainText(text: string): string {
  // eslint-disable-next-line no-control-regex -- the escape character is what is looked for
  return text.replaceAll(/<\{%[^%]*%\}>/g, "").replaceAll(/\u001b\[[0-9;]*m/g, "");
}
