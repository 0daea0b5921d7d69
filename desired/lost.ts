import { lostNodes } from "../config/livingNodes";
import type { NodeSettings, Settings } from "../config/settings";
import { k3sVersionOf } from "../config/versions/pins";
import type { HostProgram } from "./host/program";
import type { HostStep } from "./host/steps";
import type { Machine } from "./place";
import { meshStepNames } from "./mesh";
import { asRoot, sshTarget, type SshTarget } from "./ssh";

/** A machine that is gone for good, and how the cluster forgets it without asking it. */
export interface LostNode {
  readonly name: string;
  readonly role: "server" | "agent";
  readonly settings: NodeSettings;
  /** How it was reached, for people; nothing goes there. */
  readonly ssh: SshTarget;
  /** Version of k3s that it had. */
  readonly version: string;
  /** Deletes its Node, its member of etcd and its password, on a server that lives. */
  readonly forget: HostStep;
  /**
   * The names of its four steps. They stay, and do nothing there from now on: what they would have run on the machine when they
   * are deleted is taken out of the state with that.
   */
  readonly idle: {
    readonly token: IdleStep;
    readonly drain: IdleStep;
    readonly host: IdleStep;
    readonly ready: IdleStep;
    /** Its two in the mesh, in their order; none without one. */
    readonly mesh: readonly IdleStep[];
  };
  /** Those that are forgotten before it. */
  readonly after: readonly LostNode[];
}

/** A remote command that does nothing, on a machine that answers. */
export interface IdleStep {
  readonly name: string;
  readonly on: Machine;
  readonly create: string;
}

/** What the machines that are lost are decided from. */
export interface LostParts {
  readonly project: string;
  /** Those of the stack, with the machines that are lost. */
  readonly settings: Settings;
  /** The server that forgets them. */
  readonly by: Machine;
}

/** Servers one after another, because each takes a member out of etcd; agents after them. */
export function lostNodesOf({ project, settings: all, by }: LostParts): LostNode[] {
  const lost = lostNodes(all);
  const isServer = (node: { readonly role: string }): boolean => node.role === "server";
  const inOrder = [...lost.filter(isServer), ...lost.filter((node) => !isServer(node))];
  return inOrder.reduce<LostNode[]>((before, settings) => {
    const { name, role } = settings;
    const idle = (step: string): IdleStep => ({ name: step, on: by, create: "true" });
    const node: LostNode = {
      name,
      role,
      settings,
      ssh: sshTarget(all, settings),
      version: k3sVersionOf(all, settings),
      forget: {
        name: `${name}-forget`,
        on: by,
        create: asRoot(by.ssh, "sh -s -- forget"),
        delete: undefined,
        program: forgetProgram({ project, stack: all.stack, node: name, operator: by.name }),
      },
      idle: {
        token: idle(`${name}-token`),
        drain: idle(`${name}-drain`),
        host: idle(name),
        ready: idle(`${name}-ready`),
        mesh: all.network.wireguard === undefined ? [] : Object.values(meshStepNames(name)).map(idle),
      },
      after: before.filter(isServer),
    };
    return [...before, node];
  }, []);
}

function forgetProgram(facts: Readonly<Record<string, string>>): HostProgram {
  return {
    title: `${facts["node"] ?? ""} is lost`,
    facts,
    secrets: [],
    files: undefined,
    parts: ["report", "owner", "files", "lock", "api", "kubectl", "clusterLock", "member", "forget"],
    verbs: ["forget"],
  };
}
