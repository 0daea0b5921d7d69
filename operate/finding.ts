/** One thing that a verb looked at and has something to say about; preflight, doctor and drift speak in these. */
export interface Finding {
  /** Name of the check, for people who look it up, lower it or filter by it: `etcd-disk`. */
  readonly check: string;
  /** What it is about: a node's name, `atlas → birch`, or undefined for the cluster as a whole. */
  readonly where: string | undefined;
  /** `error`: it does not work, or will not. `warning`: it may bite. `ok`: looked at and found right. */
  readonly level: "error" | "warning" | "ok";
  /** What is so, in a few words. */
  readonly message: string;
  /** What to do about it; empty where there is nothing to do. */
  readonly remedy: string;
}

/** Whether any of them is an error. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ level }) => level === "error");
}
