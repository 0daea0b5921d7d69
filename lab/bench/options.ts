import type { EngineName } from "../apply";

/** The lab that is made for the figures, and gone afterwards. */
export const BENCH_LAB = "bench";

export interface BenchOptions {
  /** Nodes of the clusters that are brought up, one server among them. */
  readonly sizes: readonly number[];
  /** Measure the memory of so many agents and one server; undefined: only extrapolated. */
  readonly agents?: number;
  /** Measure the issuing of certificates instead of nodes. */
  readonly certificates?: true;
  /** `hollow`, `real`, or the path of a k3s binary. */
  readonly k3s: string;
  readonly engine?: EngineName;
  readonly installDocker?: true;
}
