import type { ResourceChange } from "../../automation/stacks";
import type { RecordedEvent } from "../runs/eventLog";

type StepEvent = Extract<RecordedEvent, { kind: "step" }>;

/** A resource in a run, as far as the run's events have told. */
export interface Row {
  /** Unique on the page. */
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly operation: StepEvent["operation"];
  /** `planned`: of a preview, which does nothing. */
  readonly state: "waiting" | "planned" | "working" | "done" | "failed";
  readonly startedAt: string | undefined;
  readonly endedAt: string | undefined;
}

/** The resources of one machine, or those that belong to none. */
export interface Group {
  readonly id: string;
  /** Name of the machine; empty for what belongs to none. */
  readonly node: string;
  readonly rows: readonly Row[];
}

interface Place {
  readonly group: number;
  readonly row: number;
}

/**
 * What a run has come to, out of its events: by machine, in the order in which the first of its resources was started, or is to be by
 * the plan that the run does.
 */
export class Rollout {
  readonly #groups: { readonly id: string; readonly node: string; readonly rows: Row[] }[] = [];
  readonly #places = new Map<string, Place>();

  /** @param planned What waits before the first event. */
  constructor(planned: readonly ResourceChange[] = []) {
    for (const { resource, operation } of planned) {
      this.#put(resource, { operation, state: "waiting", startedAt: undefined, endedAt: undefined });
    }
  }

  get groups(): readonly Group[] {
    return this.#groups;
  }

  /** Gives the group and the row that changed; undefined for an event that is about none. */
  take(event: RecordedEvent): { readonly group: Group; readonly row: Row } | undefined {
    if (event.kind !== "step") return undefined;
    const { phase, operation, resource, at } = event;
    const before = this.#find(resource.urn);
    switch (phase) {
      case "planned":
        return this.#put(resource, { operation, state: "planned", startedAt: undefined, endedAt: undefined });
      case "started":
        // A replacement is several steps, and begins with the first one.
        return this.#put(resource, {
          operation,
          state: "working",
          startedAt: before?.startedAt ?? at,
          endedAt: undefined,
        });
      default:
        return this.#put(resource, { operation, state: phase, startedAt: before?.startedAt, endedAt: at });
    }
  }

  #find(urn: string): Row | undefined {
    const place = this.#places.get(urn);
    return place === undefined ? undefined : this.#groups[place.group]?.rows[place.row];
  }

  #put(
    { urn, name, type, node = "" }: StepEvent["resource"],
    how: Pick<Row, "operation" | "state" | "startedAt" | "endedAt">,
  ): { readonly group: Group; readonly row: Row } {
    const { group: at, row: index } = this.#places.get(urn) ?? this.#place(urn, node);
    const group = this.#groups[at];
    if (group === undefined) throw new Error(`there is no group ${at}`);
    const row: Row = { id: `row-${at}-${index}`, name, type, ...how };
    group.rows[index] = row;
    return { group, row };
  }

  #place(urn: string, node: string): Place {
    let group = this.#groups.findIndex((one) => one.node === node);
    if (group < 0) {
      group = this.#groups.length;
      this.#groups.push({ id: `group-${group}`, node, rows: [] });
    }
    const place = { group, row: this.#groups[group]?.rows.length ?? 0 };
    this.#places.set(urn, place);
    return place;
  }
}
