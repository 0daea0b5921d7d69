import type { Secret } from "../../config/secret";
import type { Settings } from "../../config/settings";
import type { NodePlace } from "../place";
import type { HostFile, SecretFile } from "./hostFile";
import { secretText } from "./secretText";

/** k3s applies what lies here, on every server (k3s-io/k3s pkg/deploy/controller.go). */
export const MANIFESTS = "/var/lib/rancher/k3s/server/manifests";

type GivenFile = Settings["k3s"]["files"][string];

/** The files of `k3s.files`, `nodes[].files` and `k3s.manifests` on one node. */
export function givenFiles(settings: Settings, place: NodePlace): HostFile[] {
  const files = ofNode(settings, place).flatMap(([path, { content, mode, restart }]): HostFile[] =>
    content === undefined
      ? []
      : [{ path, mode, effect: restart ? "restart" : "keep", label: "files", content: whole(content), given: true }],
  );
  const asFile = (text: string): Pick<HostFile, "content" | "given"> => ({ content: whole(text), given: true });
  return [...files, ...manifestsOf(settings.k3s.manifests, place, asFile)];
}

/** Those of them whose content is a secret. */
export function secretGivenFiles(settings: Settings, place: NodePlace): SecretFile[] {
  const files = ofNode(settings, place).flatMap(([path, { secretContent, mode, restart }]): SecretFile[] =>
    secretContent === undefined
      ? []
      : [{ path, mode, effect: restart ? "restart" : "keep", label: "files", ...wholeSecret(secretContent) }],
  );
  return [...files, ...manifestsOf(settings.k3s.secretManifests, place, wholeSecret)];
}

/** A node's own file takes the place of the one for all. */
function ofNode({ k3s }: Settings, { role, settings }: NodePlace): [path: string, file: GivenFile][] {
  return Object.entries({ ...k3s.files, ...settings.files })
    .filter(([, file]) => (file.role ?? role) === role)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** k3s reads them by itself, within 15 seconds. */
function manifestsOf<Text, Content>(
  manifests: Readonly<Record<string, Text>>,
  { role }: NodePlace,
  contentOf: (text: Text) => Content,
): (Content & Pick<HostFile, "path" | "mode" | "effect" | "label">)[] {
  if (role === "agent") return [];
  return Object.keys(manifests)
    .sort()
    .map((name) => ({
      path: `${MANIFESTS}/${name}.yaml`,
      mode: "600",
      effect: "keep",
      label: "manifests",
      ...contentOf(manifests[name] as Text),
    }));
}

function whole(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function wholeSecret(text: Secret): Pick<SecretFile, "content" | "shown"> {
  return secretText((show) => whole(show(text)));
}
