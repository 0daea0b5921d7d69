import type { Docker } from "../hosts/docker";
import type { LabPaths } from "../paths";
import type { Figures } from "./figures";
import type { RecordedProgress, ResourceTimes } from "./recorded";

/** What the figures are measured with. */
export interface Bench {
  readonly paths: LabPaths;
  readonly progress: RecordedProgress;
  readonly figures: Figures;
  /** Makes the lab one of one server and so many agents; hosts of surplus agents go. */
  readonly up: (agents: number) => Promise<Docker>;
  /** Applies the stack as it is. */
  readonly apply: (what: string) => Promise<{ readonly seconds: number; readonly times: ResourceTimes }>;
  readonly down: () => Promise<void>;
}
