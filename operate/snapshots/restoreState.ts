import { factsOf } from "../facts";
import type { Host } from "../host";
import type { Phase, Unfinished } from "./model";
import { lookProgram } from "./programs";

/** What was read on a server: its state of an unfinished restore, and what has to be known before one. */
export interface ServerLook {
  readonly host: Host;
  /** `project/stack/node` of its mark; empty where it has none. */
  readonly owner: string;
  /** Version of the k3s that is installed; empty where none is. */
  readonly version: string;
  /** State of k3s's unit in systemd's words; empty where there is none. */
  readonly k3s: string;
  readonly hasData: boolean;
  /** etcd's directory is a link or a mount of its own. */
  readonly isApart: boolean;
  /** A rotation of the server token was begun and not finished. */
  readonly isRotating: boolean;
  readonly dataMib: number;
  readonly freeMib: number;
  /** Id of the restore that was finished here last. */
  readonly finished: string | undefined;
  readonly unfinished: Unfinished | undefined;
}

/** @throws Error when the server is not reached, or cannot say. */
export async function lookAt(host: Host): Promise<ServerLook> {
  const facts = factsOf(await host.runProgram(lookProgram(host.node), "look_for_restore"));
  const fact = (name: string): string => facts.get(name) ?? "";
  return {
    host,
    owner: fact("owner"),
    version: fact("version"),
    k3s: fact("state"),
    hasData: fact("data") === "yes",
    isApart: fact("apart") === "yes",
    isRotating: fact("rotating") === "yes",
    dataMib: Number(facts.get("data_mib") ?? 0),
    freeMib: Number(fact("free_mib")),
    finished: facts.get("finished"),
    unfinished: unfinishedOf(facts),
  };
}

function unfinishedOf(facts: ReadonlyMap<string, string>): Unfinished | undefined {
  const id = facts.get("restore_id");
  if (id === undefined) return undefined;
  return {
    id,
    from: facts.get("restore_from") === "survivor" ? "survivor" : "snapshot",
    chosen: facts.get("restore_chosen") ?? "",
    snapshot: facts.get("restore_snapshot") ?? "",
    servers: (facts.get("restore_servers") ?? "").split(" ").filter((name) => name !== ""),
    phase: (facts.get("restore_phase") ?? "held") as Phase,
  };
}
