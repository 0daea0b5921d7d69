import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { openUntil } from "../../config/rolloutWindow";
import { WEEKDAYS } from "../../config/schema/rolloutWindow";
import { isGroup } from "../../config/schema/secretPaths";
import type { NodeSettings, Settings } from "../../config/settings";

/** What the roll-out's own settings add to a step: facts, and the shell parts that read them. */
export interface RolloutPart {
  readonly facts: Readonly<Record<string, string>>;
  readonly parts: readonly string[];
}

const NOTHING: RolloutPart = { facts: {}, parts: [] };

/** When k3s may restart on a member; nothing where it may at any time (scripts/window.sh). */
export function windowPart({ rollout: { window } }: Settings, node: NodeSettings): RolloutPart {
  if (window === undefined) return NOTHING;
  return {
    facts: {
      // 1 is Monday, as `date +%u` says it.
      window_days: window.days
        .map((day) => WEEKDAYS.indexOf(day) + 1)
        .sort((a, b) => a - b)
        .join(" "),
      window_start: window.startTime,
      window_end: window.endTime,
      window_zone: window.timeZone,
      window_until: String(Math.floor(openUntil(window) / 1000)),
      // A k3s that is taken over is in use, though Groundwork has never changed it.
      ...(node.adopt ? { adopt: "yes" } : {}),
    },
    parts: ["window"],
  };
}

/** What must succeed after a member was changed; nothing where the settings have no check (scripts/rolloutCheck.sh). */
export function checkPart({ rollout: { check } }: Settings, node: string): RolloutPart {
  if (check === undefined) return NOTHING;
  const { command, job, timeoutSeconds } = check;
  const asJob = job === undefined ? { check_job: "", check_manifest: "" } : jobFacts(job, node);
  return {
    facts: { check_command: command ?? "", ...asJob, check_timeout: String(timeoutSeconds) },
    parts: ["rolloutCheck"],
  };
}

/** How long agents may wait for another one's turn on top of its drain. */
export function checkWait({ rollout: { check } }: Settings): Readonly<Record<string, string>> {
  return check === undefined ? {} : { check_timeout: String(check.timeoutSeconds) };
}

/** Each node has a Job of its own, because agents may be checked at the same time. */
function jobFacts(job: Readonly<Record<string, unknown>>, node: string): Record<string, string> {
  const metadata = groupOf(job["metadata"]);
  const spec = groupOf(job["spec"]);
  const template = groupOf(spec["template"]);
  const name = jobName(String(metadata["name"]), node);
  const namespace = typeof metadata["namespace"] === "string" ? metadata["namespace"] : "default";
  const marked = (given: Record<string, unknown>): Record<string, unknown> => ({
    ...given,
    annotations: { ...groupOf(given["annotations"]), "groundwork/node": node },
  });
  const manifest = {
    ...job,
    metadata: { ...marked(metadata), name, namespace },
    spec: { ...spec, template: { ...template, metadata: marked(groupOf(template["metadata"])) } },
  };
  return { check_job: `${namespace}/${name}`, check_manifest: stringify(manifest, { lineWidth: 0 }) };
}

/** A name is a label's value too, which has at most 63 letters; a node's may have 253 and dots. */
function jobName(base: string, node: string): string {
  const whole = `${base}-${node}`;
  if (whole.length <= 63 && !node.includes(".")) return whole;
  return `${base}-${createHash("sha256").update(node).digest("hex").slice(0, 10)}`;
}

function groupOf(value: unknown): Record<string, unknown> {
  return isGroup(value) ? value : {};
}
