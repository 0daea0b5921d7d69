/**
 * The direction of imports: `index → components → desired → addons → config`. What stands around the program (the plan, the
 * pull-request comment, the Automation API, the policies, the lab, the command line) may import it, and never the other
 * way round.
 */

/** Rooms that stand around the program. */
export const AROUND = ["automation", "bench", "cli", "examples", "lab", "plan", "policy", "preview", "scripts", "test"];

/** Each room of the program, and the other rooms of the program that it may import. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  main: ["index", "config"],
  index: ["components", "desired", "config"],
  components: ["desired", "config"],
  desired: ["addons", "config"],
  // An add-on is described in the words of desired/: its resources, and no more of it.
  addons: ["desired", "config"],
  config: [],
};

/** Files of `config` that may import Pulumi: the one reader of `pulumi.Config`. */
const MAY_IMPORT_PULUMI = ["config/read/load.ts"];

interface RuleBlock {
  readonly files: readonly string[];
  readonly ignores?: readonly string[];
  readonly rules: Readonly<Record<string, unknown>>;
}

/** ESLint's blocks that hold every room of the program to its direction. */
export function importsOf(): RuleBlock[] {
  const forbidden = (room: string, withoutPulumi: boolean): unknown[] => {
    const allowed = MAY_IMPORT[room] ?? [];
    const inner = Object.keys(MAY_IMPORT).filter((other) => other !== room && !allowed.includes(other));
    const patterns = [
      {
        regex: `^\\.{1,2}/(.*/)?(${AROUND.join("|")})(/|$)`,
        message: "It stands around the program and is never imported by it.",
      },
      {
        regex: `^(\\./|(\\.\\./)+)(${inner.join("|")})(/|$)`,
        message: `Imports go index → components → desired → addons → config.`,
      },
      ...(withoutPulumi ? [{ regex: "^@pulumi/", message: "A file that decides imports no Pulumi." }] : []),
    ];
    return ["error", { patterns }];
  };
  const block = (
    room: string,
    withoutPulumi: boolean,
    files: readonly string[],
    ignores: readonly string[],
  ): RuleBlock => ({
    files,
    ...(ignores.length === 0 ? {} : { ignores }),
    rules: { "no-restricted-imports": forbidden(room, withoutPulumi) },
  });
  return [
    block("main", false, ["main.ts"], []),
    block("index", false, ["index.ts"], []),
    block("components", false, ["components/**/*.ts"], []),
    block("desired", true, ["desired/**/*.ts"], []),
    block("addons", true, ["addons/**/*.ts"], []),
    block("config", true, ["config/**/*.ts"], MAY_IMPORT_PULUMI),
    block("config", false, MAY_IMPORT_PULUMI, []),
  ];
}
