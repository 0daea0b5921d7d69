import { ESLintUtils } from "@typescript-eslint/utils";
import { eachImport, inCheckout, targetOf } from "./imports";

/**
 * The direction of imports. The program: `index → components → desired → addons → config`, with
 * `policy` beside `components`: rules for what was decided. Below `config` is what an add-on
 * may be set to (`addons/<name>/settings.ts`, or a folder of that name), of which the settings are made up; above `addons` what reads them (`config/read`). Around it, and never imported by it:
 * the plan, the pull-request comment, the Automation API, its stand-in for tests and its service, the workloads for other programs, the verbs on a cluster, the
 * lab; the command line on top of all. Doors (tests, benches, scripts, examples) may import anything, and nothing else imports them.
 */

/** The settings, with what they are written in: a secret, an address, the name of a chart. */
const CONFIG = ["config", "config/scalars"];
/** Who reads the settings of a stack: that takes every add-on, for each knows what it may be set to. */
const READ = ["config/read", ...CONFIG];

/** Each room, and the other rooms that it may import. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  main: ["index", ...CONFIG],
  index: ["policy", "components", "desired", "ssh", ...READ],
  components: ["desired", "addons", ...CONFIG],
  desired: ["addons", ...CONFIG],
  "config/read": ["addons", ...CONFIG],
  addons: ["addons/settings", ...CONFIG],
  config: ["addons/settings", "config/scalars"],
  "addons/settings": ["config/scalars"],
  "config/scalars": [],
  process: [],
  ssh: ["process", "desired", ...CONFIG],
  policy: ["desired", "addons", ...READ],
  plan: ["policy", "process", "index", "components", "desired", "addons", ...READ],
  pullRequest: ["plan", ...CONFIG],
  workloads: ["workloads/objects", "addons", "addons/settings", ...CONFIG],
  "workloads/objects": ["addons", "addons/settings", ...CONFIG],
  automation: ["process", "index", "components", "desired", ...READ],
  "automation/testing": ["automation", "plan", "index", ...READ],
  operate: ["automation", "process", "ssh", "components", "desired", "addons", ...READ],
  service: ["operate", "automation", "plan", "process", ...CONFIG],
  lab: ["operate", "automation", "process", "ssh", "index", "components", "desired", "addons", ...READ],
  cli: [
    ...["lab", "service", "operate", "automation", "pullRequest", "plan", "policy", "process", "ssh"],
    ...["index", "components", "desired", "addons", ...READ],
  ],
};

export const DOORS = ["bench", "eslint", "examples", "lab/bench", "lab/test", "scripts", "test"];

/** Rooms that decide: they create nothing and import no Pulumi. */
const WITHOUT_PULUMI = [
  ...["policy", "desired", "config/read", "addons", "addons/settings", "config", "config/scalars"],
  "workloads/objects",
];

/** Files of those rooms that may: the one reader of `pulumi.Config`. */
const MAY_IMPORT_PULUMI = ["config/read/load.ts"];

/** Files that stand above or below the rest of their folder, and are a room of their own. */
const PARTS: readonly [RegExp, string][] = [
  [/^config\/read\//, "config/read"],
  [/^workloads\/objects\//, "workloads/objects"],
  [/^automation\/testing\//, "automation/testing"],
  [/^addons\/[^/]+\/settings(\.ts|\/.+)?$/, "addons/settings"],
  [/^config\/(secret|schema\/(scalars|cron))(\.ts)?$/, "config/scalars"],
];

/** The room of a file, or of what an import names: its folder, or the name of a file beside package.json. */
export function roomOf(file: string): string {
  const part = PARTS.find(([pattern]) => pattern.test(file));
  if (part !== undefined) return part[1];
  const door = DOORS.find((one) => file === one || file.startsWith(`${one}/`));
  return door ?? file.split("/")[0]?.replace(/\.ts$/, "") ?? "";
}

/** Reports imports against the direction. */
export const importDirection = ESLintUtils.RuleCreator.withoutDocs<[], "direction" | "room" | "pulumi">({
  meta: {
    type: "problem",
    docs: { description: "Hold the rooms to their direction" },
    messages: {
      direction: "{{from}} may import {{allowed}}, and not {{to}}.",
      room: "{{room}} is not in the table of rooms (eslint/direction.ts): say there what it may import.",
      pulumi: "A file that decides imports no Pulumi.",
    },
    schema: [],
    defaultOptions: [],
  },
  create(context) {
    const file = inCheckout(context.filename);
    const from = roomOf(file);
    if (DOORS.includes(from)) return {};
    const allowed = MAY_IMPORT[from];
    if (allowed === undefined) {
      return { Program: (node) => context.report({ node, messageId: "room", data: { room: from } }) };
    }
    const decides = WITHOUT_PULUMI.includes(from) && !MAY_IMPORT_PULUMI.includes(file);
    return eachImport((node, specifier) => {
      if (decides && specifier.startsWith("@pulumi/")) context.report({ node, messageId: "pulumi" });
      const target = targetOf(file, specifier);
      if (target === undefined) return;
      const to = roomOf(target);
      if (to === from || allowed.includes(to)) return;
      const data = { from, to, allowed: allowed.length === 0 ? "no other room" : allowed.join(", ") };
      context.report({ node, messageId: "direction", data });
    });
  },
});
