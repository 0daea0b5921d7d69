/**
 * Kubernetes' own grammar for labels and taints (kubernetes: apimachinery pkg/util/validation, IsQualifiedName and
 * IsValidLabelValue). What is accepted here holds no character that a shell would expand, and begins no option.
 */

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;

/** Whether a text is the key of a label or a taint: `disk`, `example.org/disk`. */
export function isQualifiedName(text: string): boolean {
  const slash = text.indexOf("/");
  const prefix = slash < 0 ? undefined : text.slice(0, slash);
  return NAME.test(text.slice(slash + 1)) && (prefix === undefined || (prefix.length <= 253 && PREFIX.test(prefix)));
}

/** Whether a text is the value of a label or a taint; it may be empty. */
export function isLabelValue(text: string): boolean {
  return text === "" || NAME.test(text);
}

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: (typeof EFFECTS)[number];
}

/** Whether a node with these taints takes no ordinary pod: none without a toleration is placed there. */
export function keepsPodsOff(taints: readonly string[]): boolean {
  return taints.some((text) => ["NoSchedule", "NoExecute"].includes(parseTaint(text)?.effect ?? ""));
}

/** Reads `key=value:NoSchedule` or `key:NoExecute`; undefined for anything that Kubernetes would not take. */
export function parseTaint(text: string): Taint | undefined {
  const colon = text.lastIndexOf(":");
  const effect = EFFECTS.find((each) => each === text.slice(colon + 1));
  const [key = "", ...values] = text.slice(0, Math.max(colon, 0)).split("=");
  const value = values.join("=");
  if (effect === undefined || !isQualifiedName(key) || !isLabelValue(value)) return undefined;
  return { key, value, effect };
}
