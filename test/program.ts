import * as pulumi from "@pulumi/pulumi";
import { settingsSchema } from "../config/read/schema";
import type { Settings } from "../config/settings";
import { Secret } from "../config/secret";
import { desiredCluster, type DesiredCluster } from "../desired/cluster";
import { allNodes, type DesiredNode } from "../desired/nodes";

/** A resource as the program registered it; secrets are wrapped as Pulumi wraps them. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** A certificate authority of its own, made for these tests only. */
export const CA_PEM = "-----BEGIN CERTIFICATE-----\nVEVTVA==\n-----END CERTIFICATE-----\n";

export const K3S_YAML = `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority-data: ${Buffer.from(CA_PEM).toString("base64")}
    server: https://127.0.0.1:6443
  name: default
contexts:
- context: {cluster: default, user: default}
  name: default
current-context: default
users:
- name: default
  user: {client-certificate-data: Y2VydA==, client-key-data: S0VZLUNBTkFSWQ==}
`;

/** What other stacks tell: their outputs, and which of these are secrets. */
export interface References {
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly secretOutputNames: readonly string[];
}

/** Runs a program under mocks and gives what it registered, in order, and its resolved outputs. */
export async function run(
  program: () => unknown,
  options: {
    readonly preview?: boolean;
    readonly credentials?: string;
    readonly authority?: string;
    readonly references?: References;
  } = {},
): Promise<{ readonly resources: Registered[]; readonly outputs: Record<string, unknown> }> {
  const preview = options.preview ?? false;
  const resources: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource(args) {
        resources.push({ type: args.type, name: args.name, inputs: args.inputs as Record<string, unknown> });
        const state = { ...(args.inputs as Record<string, unknown>) };
        if (!preview && args.type === "random:index/randomPassword:RandomPassword") {
          state["result"] = `${args.name}-CANARY`;
        }
        if (args.type === "pulumi:pulumi:StackReference") Object.assign(state, options.references);
        if (!preview && args.name === "kubeconfig") state["stdout"] = K3S_YAML;
        if (!preview && args.name === "credentials") state["stdout"] = options.credentials ?? K3S_YAML;
        if (!preview && args.name.endsWith("-root")) state["stdout"] = options.authority;
        return { id: `${args.name}-id`, state };
      },
      call: (args) => args.inputs as Record<string, unknown>,
    },
    "groundwork",
    "test",
    preview,
  );
  const outputs = await pulumi.runtime.runInPulumiStack(() => Promise.resolve(program()));
  // The outputs may be there while resources that they do not need are still being registered.
  await pulumi.runtime.disconnect();
  return { resources, outputs: outputs as Record<string, unknown> };
}

/** Settings of a small valid stack, with changes. */
export function settingsOf(changes: Record<string, unknown> = {}): Settings {
  const raw = {
    nodes: nodes("server:s1", "agent:a1", "agent:a2"),
    ssh: { privateKey: Secret.of("SSH-CANARY") },
    ...changes,
  };
  return { ...settingsSchema.parse(raw), stack: "test" };
}

/** What a small valid stack with changes is to be. */
export function desiredOf(changes: Record<string, unknown> = {}): DesiredCluster {
  return desiredCluster(settingsOf(changes), "groundwork");
}

/** One of its nodes. */
export function desiredNode(name: string, changes: Record<string, unknown> = {}): DesiredNode {
  const found = allNodes(desiredOf(changes).nodes).find((node) => node.name === name);
  if (found === undefined) throw new Error(`no node ${name}`);
  return found;
}

/** Nodes from `role:name`. */
export function nodes(...list: readonly string[]): Record<string, unknown>[] {
  return list.map((entry, index) => {
    const [role, name] = entry.split(":");
    return { role, name, address: `192.0.2.${String(index + 1)}`, hostKey: `ssh-ed25519 ${name ?? ""}` };
  });
}

export function find(resources: readonly Registered[], name: string, type?: string): Registered {
  const found = resources.find((resource) => resource.name === name && (type === undefined || resource.type === type));
  if (found === undefined) throw new Error(`no resource ${name} among ${resources.map((r) => r.name).join(", ")}`);
  return found;
}

/** The commands that a program registers, by name, with their inputs. */
export function commands(resources: readonly Registered[]): Map<string, Record<string, unknown>> {
  const remote = resources.filter((resource) => resource.type === "command:remote:Command");
  return new Map(remote.map((resource) => [resource.name, resource.inputs]));
}

/** Whether Pulumi would keep a value secret. */
export function isSecret(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as Record<string, unknown>)["4dabf18193072939515e22adb298388d"] === "1b47061264138c4ac30d75fd1eb44270"
  );
}

/** Every text that is not inside a secret. */
export function plainTexts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || isSecret(value)) return [];
  return Object.values(value).flatMap(plainTexts);
}
