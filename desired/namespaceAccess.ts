import { object, type DesiredObject } from "../addons/resources";
import { Secret } from "../config/secret";
import type { NamespaceSettings } from "../config/settings";

type PullSecrets = NamespaceSettings["pullSecrets"];
type Access = NamespaceSettings["access"][string];

/** The service account of a team, in each namespace where it may work. Not the team's name alone: a chart may have one of that name. */
export function teamAccount(team: string): string {
  return `team-${team}`;
}

/** The Secrets of a namespace's registries, and the service account that pods have who name none. */
export function pullSecretObjects(namespace: string, secrets: PullSecrets, itself: DesiredObject): DesiredObject[] {
  const names = Object.keys(secrets);
  if (names.length === 0) return [];
  const made = Object.entries(secrets).map(([name, { registry, username, password }]) =>
    object({
      name: inNamespace(namespace, name),
      apiVersion: "v1",
      kind: "Secret",
      fields: {
        metadata: { name, namespace },
        type: "kubernetes.io/dockerconfigjson",
        stringData: { ".dockerconfigjson": dockerConfig(registry, username, password) },
      },
      after: [itself],
      summary: `${name} (${registry} as ${username})`,
    }),
  );
  const account = object({
    name: inNamespace(namespace, "default"),
    apiVersion: "v1",
    // Kubernetes makes it; a field of it is ours.
    kind: "ServiceAccountPatch",
    fields: { metadata: { name: "default", namespace }, imagePullSecrets: names.map((name) => ({ name })) },
    after: [itself, ...made],
  });
  return [...made, account];
}

/** The service account of a team and its roles in a namespace. A binding is named after its role, for its role cannot be changed. */
export function teamObjects(namespace: string, team: string, access: Access, itself: DesiredObject): DesiredObject[] {
  const name = teamAccount(team);
  const account = object({
    name: inNamespace(namespace, name),
    apiVersion: "v1",
    kind: "ServiceAccount",
    // It is for people: no pod has its token.
    fields: { metadata: { name, namespace }, automountServiceAccountToken: false },
    after: [itself],
    summary: accessText(team, access),
  });
  const bind = (kind: "ClusterRole" | "Role", role: string, suffix: string, after: DesiredObject[]): DesiredObject =>
    object({
      name: inNamespace(namespace, `${name}.${suffix}`),
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      fields: {
        metadata: { name: `${name}.${suffix}`, namespace },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: role },
        subjects: [{ kind: "ServiceAccount", name, namespace }],
      },
      after: [account, ...after],
    });
  const { role, rules } = access;
  if (rules.length === 0) return [account, ...(role === undefined ? [] : [bind("ClusterRole", role, role, [])])];
  const own = object({
    name: inNamespace(namespace, `${name}.rules`),
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    fields: { metadata: { name: `${name}.rules`, namespace }, rules },
    after: [itself],
  });
  return [
    account,
    ...(role === undefined ? [] : [bind("ClusterRole", role, role, [])]),
    own,
    bind("Role", `${name}.rules`, "rules", [own]),
  ];
}

/** `web: view; get, list of pods/log`. */
function accessText(team: string, { role, rules }: Access): string {
  const own = rules.map(({ verbs, resources, resourceNames }) => {
    const named = resourceNames === undefined ? "" : ` named ${resourceNames.join(", ")}`;
    return `${verbs.join(", ")} of ${resources.join(", ")}${named}`;
  });
  return `${team}: ${[...(role === undefined ? [] : [role]), ...own].join("; ")}`;
}

/** Name of a resource in the state. Neither part has a dot before it, so no two are the same. */
function inNamespace(namespace: string, name: string): string {
  return `${namespace}.${name}`;
}

/** Docker Hub is known to the kubelet by the URL of its first API (kubernetes: pkg/credentialprovider/keyring.go). */
const DOCKER_HUB = "https://index.docker.io/v1/";

function dockerConfig(registry: string, username: string, password: Secret | undefined): Secret {
  if (password?.isKnown !== true) return Secret.sealed();
  const text = password.reveal();
  const auth = Buffer.from(`${username}:${text}`).toString("base64");
  const host = /^(index\.)?docker\.io$/.test(registry) ? DOCKER_HUB : registry;
  return Secret.of(JSON.stringify({ auths: { [host]: { username, password: text, auth } } }));
}
