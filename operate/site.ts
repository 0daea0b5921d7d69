import { allNodes } from "../desired/nodes";
import { Host } from "./host";
import { openStack, type OpenStack, type StackOnDisk } from "./openStack";
import type { Environment } from "../process/run";

/** All machines of a stack, in roll-out order: what a verb works on. */
export interface Site extends OpenStack {
  readonly hosts: readonly Host[];
}

/** What came of asking one host. */
export type Reply<T> = { readonly host: Host; readonly value: T } | { readonly host: Host; readonly error: Error };

/** How many hosts are asked at the same time. */
const AT_ONCE = 30;

/**
 * Opens a stack's site for the time of some work; every connection is ended afterwards.
 *
 * @throws GroundworkError as {@link openStack} does.
 */
export async function withSite<T>(file: StackOnDisk, env: Environment, work: (site: Site) => Promise<T>): Promise<T> {
  const stack = await openStack(file, env);
  const hosts = allNodes(stack.desired.nodes).map((node) => new Host(node, env["SSH_AUTH_SOCK"]));
  try {
    return await work({ ...stack, hosts });
  } finally {
    for (const host of hosts) host.close();
  }
}

/** Asks all hosts at once, and gives what each of them said in their order. One that is not reached is an answer too. */
export async function askAll<T>(hosts: readonly Host[], ask: (host: Host) => Promise<T>): Promise<Reply<T>[]> {
  const replies = new Array<Reply<T> | undefined>(hosts.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const index = next++;
      const host = hosts[index];
      if (host === undefined) return;
      replies[index] = await ask(host).then(
        (value) => ({ host, value }),
        (error: unknown) => ({ host, error: error instanceof Error ? error : new Error(String(error)) }),
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, hosts.length) }, worker));
  return replies.filter((each) => each !== undefined);
}
