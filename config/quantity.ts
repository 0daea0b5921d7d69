const QUANTITY = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/;

/** Powers of ten or, with an `i`, of 1024 (kubernetes: apimachinery, pkg/api/resource/suffix.go). */
const SUFFIXES: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"].map((name, at) => [name, 10 ** (3 * at - 9)]),
  ),
  ...Object.fromEntries(["K", "M", "G", "T", "P", "E"].map((name, at) => [`${name}i`, 1024 ** (at + 1)])),
};

/** The number that a quantity of Kubernetes is: `500m` is 0.5, `1Ki` 1024; undefined for what is none. */
export function quantityOf(text: string | number): number | undefined {
  const match = QUANTITY.exec(String(text));
  if (match === null) return undefined;
  const [, number = "", suffix = "", exponent = "0"] = match;
  return Number(number) * (SUFFIXES[suffix] ?? 1) * 10 ** Number(exponent);
}

/** What of every container a key of a quota counts. */
export interface Counted {
  readonly kind: "requests" | "limits";
  readonly resource: string;
}

/** What a key of a quota counts that pods have to say; `cpu` is `requests.cpu`. Undefined for other keys, as pods or storage. */
export function countedBy(key: string): Counted | undefined {
  const [, kind = "requests", resource] = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(key) ?? [];
  return resource === undefined ? undefined : { kind: kind as Counted["kind"], resource };
}
