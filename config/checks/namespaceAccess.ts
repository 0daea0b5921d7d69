import { pathText } from "../problem";
import { setSecretCommand } from "../schema/secretPaths";
import { error, type Check, type Finding } from "./check";

/** What is in no namespace: a Role there gives no right to it (kubernetes.io/docs/reference/access-authn-authz/rbac). */
const CLUSTER_WIDE = [
  "nodes",
  "persistentvolumes",
  "storageclasses",
  "ingressclasses",
  "priorityclasses",
  "clusterroles",
  "clusterrolebindings",
  "customresourcedefinitions",
  "clusterissuers",
];

/** Passwords of registries are set. */
export const pullPasswords: Check = ({ namespaces }, { missingSecrets }) =>
  Object.entries(namespaces).flatMap(([namespace, { pullSecrets }]) =>
    Object.entries(pullSecrets).flatMap(([name, { password }]): Finding[] => {
      const path = ["namespaces", namespace, "pullSecrets", name, "password"];
      const remedy = `set it with: ${setSecretCommand(path)}`;
      const at = pathText(path);
      if (password === undefined) return [{ severity: missingSecrets, path: at, problem: "is not set", remedy }];
      return password.isKnown && password.reveal() === "" ? [error(at, "is empty", remedy)] : [];
    }),
  );

/** A team may do something, and it is something in its namespace. */
export const teamRights: Check = ({ namespaces }) =>
  Object.entries(namespaces).flatMap(([namespace, { access }]) =>
    Object.entries(access).flatMap(([team, { role, rules }]): Finding[] => {
      const path = ["namespaces", namespace, "access", team];
      if (role === undefined && rules.length === 0) {
        return [error(pathText(path), "gives no rights", "write role: view, edit or admin, or rules of your own")];
      }
      return rules.flatMap(({ resources }, index) =>
        resources.flatMap((resource, place): Finding[] => {
          if (!CLUSTER_WIDE.includes(resource.split("/")[0] ?? "")) return [];
          const at = pathText([...path, "rules", index, "resources", place]);
          const remedy = "take it out; a ClusterRoleBinding of your own gives rights to it";
          return [error(at, `${resource} are in no namespace, so this gives no right to them`, remedy)];
        }),
      );
    }),
  );

export const namespaceAccessChecks: readonly Check[] = [pullPasswords, teamRights];
