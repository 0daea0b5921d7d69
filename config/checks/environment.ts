import { pathText } from "../problem";
import { error, warning, type Check, type Finding } from "./check";

const PROXY = /^(CONTAINERD_)?HTTPS?_PROXY$/;

/** k3s's settings stand in its configuration; a variable would count less than a file, or more than it should. */
export const variableNames: Check = ({ k3s }) =>
  (["environment", "secretEnvironment"] as const).flatMap((group) =>
    Object.keys(k3s[group]).flatMap((name): Finding[] => {
      const at = pathText(["k3s", group, name]);
      if (name.startsWith("K3S_")) {
        return [
          error(at, "is a setting of k3s", "write it under k3s.server or k3s.agent in the name of k3s's config.yaml"),
        ];
      }
      if (name === "PATH" || name.startsWith("LD_")) {
        return [error(at, "decides which programs and libraries k3s runs", "leave it out")];
      }
      return group === "secretEnvironment" && Object.hasOwn(k3s.environment, name)
        ? [error(at, "is in k3s.environment too", "remove one of the two")]
        : [];
    }),
  );

/** One line each, and no password that everybody can read. */
export const variableValues: Check = ({ k3s }) => {
  const plain = Object.entries(k3s.environment).map(([name, text]) => ["environment", name, text] as const);
  const secret = Object.entries(k3s.secretEnvironment).flatMap(([name, text]) =>
    text.isKnown ? [["secretEnvironment", name, text.reveal()] as const] : [],
  );
  return [...plain, ...secret].flatMap(([group, name, text]): Finding[] => {
    const at = pathText(["k3s", group, name]);
    if (/[\n\r\0]/.test(text)) return [error(at, "has a line break in it", "write one line (printf %s, not echo)")];
    if (group === "environment" && /:\/\/[^/@\s]*:[^/@\s]*@/.test(text)) {
      return [
        error(
          at,
          "has a password in it, for everybody to read",
          `make a new one, and set the whole as a secret: pulumi config set --secret --path 'groundwork:k3s.secretEnvironment.${name}'`,
        ),
      ];
    }
    return PROXY.test(name) && !isProxy(text)
      ? [error(at, "is not the URL of a proxy", "write it with scheme and port, e.g. http://proxy.example.org:3128")]
      : [];
  });
};

/** Without it, k3s is told of no proxy for anything but plain HTTP, or for nothing else. */
export const bothProxies: Check = ({ k3s }) => {
  const has = (name: string): boolean =>
    Object.hasOwn(k3s.environment, name) || Object.hasOwn(k3s.secretEnvironment, name);
  return ["", "CONTAINERD_"]
    .filter((prefix) => has(`${prefix}HTTP_PROXY`) && !has(`${prefix}HTTPS_PROXY`))
    .map((prefix) =>
      warning(
        `k3s.environment.${prefix}HTTPS_PROXY`,
        `is missing, so that only plain HTTP goes through ${prefix}HTTP_PROXY`,
        "write it too; images and k3s come over HTTPS",
      ),
    );
};

export const environmentChecks: readonly Check[] = [variableNames, variableValues, bothProxies];

function isProxy(text: string): boolean {
  return URL.canParse(text) && /^(https?|socks5):$/.test(new URL(text).protocol) && new URL(text).host !== "";
}
