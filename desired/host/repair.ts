import type { NodeSettings } from "../../config/settings";
import type { HostProgram } from "./program";

/**
 * A program with the stamp of a repair among its facts, so that the next `up` runs it again though nothing else changed. Without
 * one it stays as it is, to the byte: the other nodes' scripts do not change with one node's.
 */
export function withRepair(program: HostProgram, repair: NodeSettings["repair"]): HostProgram {
  if (repair === undefined) return program;
  const stamp: Record<string, string> = { repair: repair.at };
  if (program.verbs.includes("drain")) stamp["repair_drain"] = repair.drain ? "yes" : "no";
  return { ...program, facts: { ...program.facts, ...stamp } };
}
