import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CommanderError, type Command } from "commander";
import { buildProgram } from "../../cli/groundwork";
import { plainPaint } from "../../plan/render/paint";
import { ROOT } from "./markdown";

/** What Pulumi's command line knows of what the documents use. A new entry is looked up in `pulumi VERB --help`. */
const PULUMI: Readonly<Record<string, readonly string[]>> = {
  cancel: [],
  "config set": ["--path", "--secret"],
  destroy: [],
  login: ["--local"],
  preview: ["--diff", "--json", "--policy-pack", "--save-plan", "--show-sames", "--refresh", "--stack"],
  refresh: ["--run-program", "--stack"],
  "stack init": [],
  "stack output": ["--show-secrets"],
  "stack export": ["--stack"],
  "stack rename": [],
  "stack rm": ["--force"],
  "state delete": [],
  "state unprotect": [],
  up: ["--policy-pack", "--refresh", "--target"],
};

const { scripts, peerDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
};

/** The commands in a line for a shell, each as its words, without quotes, comments, redirections and variables; `<name>` is a word. */
export function commandsOf(line: string): string[][] {
  const commands: string[][] = [[]];
  let skipsWord = false;
  for (const [token = ""] of line.matchAll(/<[a-z]+>|(?:'[^']*'|"[^"]*"|[^\s'"|&;<>()])+|[|&;()]+|[<>]+/g)) {
    if (token.startsWith("#")) break;
    if (/^[|&;()]+$/.test(token)) commands.push([]);
    else if (/^[<>]+$/.test(token)) skipsWord = true;
    else if (skipsWord) skipsWord = false;
    else if (!/^[A-Z_]+=/.test(token)) commands.at(-1)?.push(token.replace(/['"]/g, ""));
  }
  return commands.filter((words) => words.length > 0);
}

/** Why a command cannot be what somebody types; undefined when it can, or when it is of a program that nobody looks into here. */
export function problemOf([program, ...args]: readonly string[]): string | undefined {
  switch (program) {
    case "groundwork":
      return groundworkProblem(args);
    case "pulumi":
      return pulumiProblem(args);
    case "npm":
      return npmProblem(args);
    case "npx":
      return npxProblem(args);
    default:
      return undefined;
  }
}

function npmProblem([verb = "", ...args]: readonly string[]): string | undefined {
  if (["ci", "publish"].includes(verb)) return undefined;
  if (verb === "install") {
    const other = args.find((name) => !(name in peerDependencies));
    return other === undefined ? undefined : `'${other}' is no peer of this package`;
  }
  if (verb === "test") return scripts["test"] === undefined ? "there is no script 'test'" : undefined;
  if (verb !== "run") return `'npm ${verb}' is not known to this test`;
  const [name = "", separator, ...rest] = args.filter((arg) => arg !== "--silent");
  const script = scripts[name];
  if (script === undefined) return `package.json has no script '${name}'`;
  if (separator !== undefined && separator !== "--") return `'${separator}' is npm's own; write -- before it`;
  const [, verbs] = /^node bin\/groundwork\.js (.+)$/.exec(script) ?? [];
  return verbs === undefined ? undefined : groundworkProblem([...verbs.split(" "), ...rest]);
}

function npxProblem([program = "", ...args]: readonly string[]): string | undefined {
  if (program === "groundwork" || program === "pulumi") return problemOf([program, ...args]);
  return existsSync(join(ROOT, "node_modules", ".bin", program)) ? undefined : `no package here brings '${program}'`;
}

function pulumiProblem(args: readonly string[]): string | undefined {
  const verb = [args.slice(0, 2).join(" "), args[0] ?? ""].find((words) => Object.hasOwn(PULUMI, words));
  if (verb === undefined) return `'pulumi ${args.join(" ")}' is not in this test's list of Pulumi's verbs`;
  const unknown = args.filter((arg) => arg.startsWith("-")).find((arg) => PULUMI[verb]?.includes(arg) !== true);
  return unknown === undefined ? undefined : `'pulumi ${verb}' has no ${unknown} in this test's list`;
}

/** Lets the command line read it, with verbs that do nothing. A `…` at its end stands for whatever may follow. */
function groundworkProblem(args: readonly string[]): string | undefined {
  const program = buildProgram({
    terminal: { cwd: ROOT, env: {}, width: 100, paint: plainPaint, out: () => undefined, err: () => undefined },
    setExitCode: () => undefined,
  });
  stopActing(program);
  try {
    if (args.at(-1) === "…") return verbProblem(program, args.slice(0, -1));
    program.parse([...args], { from: "user" });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // A verb alone that has verbs of its own prints them.
    return error.code.startsWith("commander.help") || error.code === "commander.version" ? undefined : error.message;
  }
}

function stopActing(command: Command): void {
  if (command.commands.length === 0) command.action(() => undefined);
  command.commands.forEach(stopActing);
}

function verbProblem(program: Command, verbs: readonly string[]): string | undefined {
  const [verb, ...rest] = verbs;
  if (verb === undefined) return undefined;
  const found = program.commands.find((each) => each.name() === verb);
  return found === undefined ? `there is no verb '${verb}'` : verbProblem(found, rest);
}
