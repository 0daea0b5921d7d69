import { existsSync } from "node:fs";
import { GroundworkError } from "../../config/groundworkError";
import { problemLine, type Problem } from "../../config/problem";
import { loadSettings } from "../../config/read/load";
import { stackFileSource } from "../../config/read/stackFile";
import { desiredCluster } from "../../desired/cluster";
import { askHostKey, knownAs, type HostKey } from "./hostKeys";
import { lookAt, type Found } from "./look";
import type { Requested } from "./request";
import { firstStackFile } from "./stackFile";

/** What init works with; all that is outside of it is passed in. */
export interface InitOptions {
  readonly stack: string;
  readonly project: string;
  /** Where the stack's file will be. */
  readonly file: string;
  readonly requested: readonly Requested[];
  readonly interface: string | undefined;
  /** The user's known_hosts. */
  readonly knownHosts: string;
  readonly agentSocket: string | undefined;
  /** Whether keys that known_hosts does not have are taken without a question. */
  readonly acceptNewHostKeys: boolean;
  /** Asks whether a machine's key is the right one; undefined where nobody can be asked. */
  readonly confirmKey: ((machine: Requested, key: HostKey) => Promise<boolean>) | undefined;
  readonly progress: (line: string) => void;
}

/** What came out: the text of a file that reads and plans, and the key that opens the machines. */
export interface FirstStackFile {
  readonly text: string;
  readonly hosts: readonly Found[];
  /** File of the private key that every machine accepts; undefined where only the agent's do. */
  readonly identityFile: string | undefined;
}

/**
 * Looks at the machines and makes a stack's first file of them. Nothing is changed on a machine, and nothing is written here.
 *
 * @throws GroundworkError with everything that is in the way, of all machines at once.
 */
export async function initStack(options: InitOptions): Promise<FirstStackFile> {
  const { requested, stack, file, project } = options;
  if (existsSync(file)) {
    throw new GroundworkError("usage", `${file} exists already`, {
      remedy: "take another --stack, add machines to that file by hand, or move it away",
    });
  }
  options.progress(`asking ${requested.length} ${requested.length === 1 ? "machine" : "machines"} for the host key`);
  const keys = await settled(requested, (machine) => askHostKey(machine));
  const accepted = await acceptedKeys(options, keys);
  refuse(accepted.problems);
  options.progress("looking at each of them");
  const looked = await settled(requested, (machine) => {
    const key = accepted.keys.get(machine);
    if (key === undefined) throw new Error("it has shown no host key");
    return lookAt(machine, key, options.agentSocket);
  });
  refuse(looked.flatMap(({ machine, error }) => (error === undefined ? [] : [notSeen(machine, error)])));
  const hosts = looked.flatMap(({ value }) => value ?? []);
  const named = hosts.map((host) => ({ ...host, name: host.requested.name ?? host.hostname }));
  refuse([...unfit(named, options.interface), ...sameKey(hosts)]);
  const text = firstStackFile({ stack, hosts: named, interface: options.interface });
  // What is written has to be what the program reads; whatever is wrong with it is said before it is there.
  const warn = (): void => undefined;
  desiredCluster(loadSettings(stackFileSource(text, file, warn), stack), project);
  return { text, hosts, identityFile: hosts[0]?.identityFile };
}

interface Settled<T> {
  readonly machine: Requested;
  readonly value?: T;
  readonly error?: Error;
}

async function settled<T>(
  machines: readonly Requested[],
  ask: (machine: Requested) => Promise<T>,
): Promise<Settled<T>[]> {
  return await Promise.all(
    machines.map(async (machine): Promise<Settled<T>> => {
      try {
        return { machine, value: await ask(machine) };
      } catch (error) {
        return { machine, error: error instanceof Error ? error : new Error(String(error)) };
      }
    }),
  );
}

function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  throw new GroundworkError("failed", ["nothing was written:", ...problems.map(problemLine)].join("\n  "), {
    problems,
  });
}

function problemOf({ role, written }: Requested, problem: string, remedy: string): Problem {
  return { path: `--${role} ${written}`, problem, remedy };
}

/** The key of each machine: known_hosts knows it, or somebody says that it is the right one. */
async function acceptedKeys(
  { knownHosts, acceptNewHostKeys, confirmKey }: InitOptions,
  found: readonly Settled<HostKey>[],
): Promise<{ readonly keys: ReadonlyMap<Requested, HostKey>; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  const keys = new Map<Requested, HostKey>();
  for (const { machine, value: key, error } of found) {
    if (key === undefined) {
      problems.push(notSeen(machine, error ?? new Error("no answer")));
      continue;
    }
    keys.set(machine, key);
    const known = await knownAs(machine, key, knownHosts);
    if (known === "known") continue;
    if (known === "another") {
      const what = `shows the host key ${key.fingerprint}, and known_hosts has another one`;
      problems.push(
        problemOf(
          machine,
          what,
          "if it was installed anew, 'ssh-keygen -R' its name; otherwise somebody else answers there",
        ),
      );
    } else if (!acceptNewHostKeys) {
      // One question after another, and none once it is clear that nothing will be written.
      if (problems.length === 0 && confirmKey !== undefined && (await confirmKey(machine, key))) continue;
      problems.push(
        problemOf(
          machine,
          `shows the host key ${key.fingerprint}, which known_hosts does not have`,
          "compare it with 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub' on the machine itself, then log in once with ssh, or use --accept-new-host-keys",
        ),
      );
    }
  }
  return { keys, problems };
}

function notSeen(machine: Requested, error: Error): Problem {
  const said = error.message.replace(/^cannot connect to .*?: /, "");
  if (/authentication methods failed/i.test(said)) {
    return problemOf(
      machine,
      `${machine.user} is not let in with any of your keys`,
      `put one there ('ssh-copy-id -p ${machine.port} ${machine.user}@${machine.address}'), name it with --identity, or write another user`,
    );
  }
  return problemOf(machine, `cannot be looked at: ${said}`, "switch it on, or correct its address and port");
}

/** What of the machines cannot become this stack. */
function unfit(hosts: readonly (Found & { readonly name: string })[], wanted: string | undefined): Problem[] {
  const seen = new Map<string, string>();
  return hosts.flatMap((host): Problem[] => {
    const { requested, name, hasSystemd, root, addresses } = host;
    const other = seen.get(name);
    seen.set(name, requested.written);
    const on = [...new Set(addresses.map((each) => each.on))].join(", ");
    return [
      ...(other === undefined
        ? []
        : [
            problemOf(
              requested,
              `calls itself '${name}', as ${other} does`,
              `give it a name: --${requested.role} NAME=${requested.written}`,
            ),
          ]),
      ...(hasSystemd
        ? []
        : [
            problemOf(
              requested,
              "does not run systemd",
              "take a machine that does: k3s is installed as a systemd unit",
            ),
          ]),
      ...(root === "no"
        ? [
            problemOf(
              requested,
              `${requested.user} may not become root`,
              "let the user use sudo without a password there, or log in as root",
            ),
          ]
        : []),
      ...(wanted === undefined || addresses.some((each) => each.on === wanted)
        ? []
        : [
            problemOf(
              requested,
              `has no address on ${wanted}`,
              `bring it up, or take another --interface (here are: ${on})`,
            ),
          ]),
    ];
  });
}

/** A stack has one key, for all machines. */
function sameKey(hosts: readonly Found[]): Problem[] {
  const [first, ...others] = hosts;
  return others
    .filter(({ identityFile }) => identityFile !== first?.identityFile)
    .map(({ requested, identityFile }) =>
      problemOf(
        requested,
        `lets in another key (${identityFile ?? "the agent's"}) than ${first?.requested.written ?? ""} (${first?.identityFile ?? "the agent's"})`,
        "a stack has one key: put the public half of one on all machines, and name it with --identity",
      ),
    );
}
