import { GroundworkError } from "../../config/groundworkError";
import type { HostProgram } from "../../desired/host/program";
import { failureOf } from "../facts";
import type { Host } from "../host";
import { askAll, type Reply, type Site } from "../site";
import type { Restore } from "./model";
import { membersAfter, type MembersAfter } from "./members";
import { agentProgram, readyProgram, restoreProgram, restoreSecrets, snapshotProgram } from "./programs";
import type { RestorePlan } from "./restorePlan";

/** What came of a restore. */
export interface Restored {
  readonly members: MembersAfter;
  /** What was there before, and where it lies now. */
  readonly before: readonly Aside[];
  /** Agents that do not follow, and why. */
  readonly stray: readonly { readonly node: string; readonly reason: string }[];
}

/** Something that was moved aside or copied. */
export interface Aside {
  readonly node: string;
  readonly path: string;
}

/** Told what is done, as it is done: the node, and a line of what its host says. */
export type Tell = (node: string, line: string) => void;

/**
 * Restores etcd on all servers of a plan, from wherever it stands. Cut off at any point, it goes on when it is called again.
 *
 * @throws GroundworkError with what failed, on which host.
 */
export async function restore(site: Site, plan: RestorePlan, tell: Tell): Promise<Restored> {
  const work = new Work(site, plan.restore, tell);
  const isDone = ({ name }: { readonly name: string }): boolean =>
    plan.looks.some(({ host, finished }) => host.name === name && finished === plan.restore.id);
  if (!plan.goesOn) await work.saveBefore();
  await work.onAll("hold");
  const { chosen, servers } = plan.restore;
  await work.on(chosen.name, "reset_etcd");
  await work.on(chosen.name, "start_restored");
  await work.ready(chosen.name);
  // One by one, as they joined at first: etcd takes one learner at a time.
  const others = servers.filter((node) => node.name !== chosen.name && !isDone(node));
  for (const { name } of others) {
    await work.on(name, "rejoin");
    await work.ready(name);
  }
  const stray = await work.agents();
  const before: Aside[] = [];
  // The chosen one last: what is left of a restore that is cut off here is found there.
  for (const { name } of [...others, chosen]) before.push(...(await work.finish(name)));
  return { members: await membersAfter(site, work.host(chosen.name)), before, stray };
}

/**
 * Puts what was there before back on all servers that a restore was begun on.
 *
 * @throws GroundworkError where the chosen server has started on what was restored, or a host fails.
 */
export async function undoRestore(
  site: Site,
  { restore: begun }: Pick<RestorePlan, "restore">,
  tell: Tell,
): Promise<void> {
  const work = new Work(site, begun, tell);
  // Whether there is a way back shows on the chosen one; the data of before must not run beside the restored ones.
  await work.on(begun.chosen.name, "undo_restore");
  await work.onAll("undo_restore", (name) => name !== begun.chosen.name);
}

class Work {
  readonly #site: Site;
  readonly #restore: Restore;
  readonly #tell: Tell;
  readonly #timeoutMs: number;

  constructor(site: Site, wanted: Restore, tell: Tell) {
    this.#site = site;
    this.#restore = wanted;
    this.#tell = tell;
    const { readyTimeoutSeconds } = site.settings.rollout;
    // Longer than what waits on the host: its lock, k3s's start, and once more with another token.
    this.#timeoutMs = (900 + 3 * readyTimeoutSeconds) * 1000;
  }

  host(name: string): Host {
    const host = this.#site.hosts.find((one) => one.name === name);
    if (host === undefined) throw new GroundworkError("failed", `${name} is not in the stack`);
    return host;
  }

  /** A cluster that answers is saved as it is now, so that there is a way back. One that does not has nothing to be asked. */
  async saveBefore(): Promise<void> {
    const { chosen, from } = this.#restore;
    if (from === "survivor") return;
    const program = snapshotProgram(this.#site.settings, chosen, { name: "before-restore" });
    const answer = await this.host(chosen.name).runProgram(program, "save_now", { timeoutMs: this.#timeoutMs });
    if (answer.code === 0) {
      for (const line of answer.stdout.split("\n")) if (line.startsWith("saved ")) this.#tell(chosen.name, line);
    } else {
      this.#tell(chosen.name, `no snapshot of before the restore: ${failureOf(answer)}; its data are kept as they are`);
    }
  }

  async on(name: string, verb: string): Promise<string> {
    const host = this.host(name);
    const { settings } = this.#site;
    const secrets = restoreSecrets(settings, this.#restore);
    return await this.#run(host, restoreProgram(settings, host.node, this.#restore), verb, { secrets });
  }

  /** On all servers that take part, at the same time. */
  async onAll(verb: string, wanted: (name: string) => boolean = () => true): Promise<void> {
    const names = this.#restore.servers.map(({ name }) => name).filter(wanted);
    const replies = await askAll(
      names.map((name) => this.host(name)),
      async (host) => await this.on(host.name, verb),
    );
    const failed = strayOf(replies);
    if (failed.length > 0) throw new GroundworkError("failed", failed.map(({ reason }) => reason).join("\n"));
  }

  /** As `up` waits for it, by the same program. */
  async ready(name: string): Promise<void> {
    const host = this.host(name);
    await this.#run(host, readyProgram(host.node, name), "ready");
  }

  async agents(): Promise<{ readonly node: string; readonly reason: string }[]> {
    const agents = this.#site.hosts.filter(({ node }) => node.role === "agent");
    const replies = await askAll(agents, async (host) => {
      await this.#run(host, agentProgram(this.#site.settings, host.node), "restart_agent");
      const operator = this.#operatorOf(host);
      await this.#run(operator, readyProgram(host.node, operator.name), "ready", { about: host.name });
    });
    return strayOf(replies);
  }

  /** The node's own operator, where that one takes part. */
  #operatorOf({ node }: Host): Host {
    const { servers, chosen } = this.#restore;
    return this.host(servers.some(({ name }) => name === node.operator.name) ? node.operator.name : chosen.name);
  }

  async finish(name: string): Promise<Aside[]> {
    const said = await this.on(name, "finish_restore");
    return said
      .split("\n")
      .flatMap((line) => (line.startsWith("before=") ? [{ node: name, path: line.slice(7) }] : []));
  }

  async #run(
    host: Host,
    program: HostProgram,
    verb: string,
    { about = host.name, secrets = {} }: { about?: string; secrets?: Readonly<Record<string, string>> } = {},
  ): Promise<string> {
    const onLine = (line: string, stream: "stdout" | "stderr"): void => {
      if (line.startsWith("before=") || line.startsWith("error: ")) return;
      this.#tell(about, stream === "stderr" ? `  ${line}` : line);
    };
    const answer = await host.runProgram(program, verb, { timeoutMs: this.#timeoutMs, onLine, secrets });
    if (answer.code !== 0) throw new GroundworkError("failed", failureOf(answer));
    return answer.stdout;
  }
}

function strayOf(replies: readonly Reply<unknown>[]): { readonly node: string; readonly reason: string }[] {
  return replies.flatMap((reply) => ("error" in reply ? [{ node: reply.host.name, reason: reply.error.message }] : []));
}
