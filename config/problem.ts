/** Something in a stack's settings that is wrong, or that deserves a second look. */
export interface Problem {
  /** Where: `nodes[2].hostKey`, `issuers.letsencrypt.email`; the name of the stack's file when the file itself is broken. */
  readonly path: string;
  /** What is wrong, to be read after the path: `is missing`. */
  readonly problem: string;
  /** What to write instead: `print it with: ssh-keyscan …`. */
  readonly remedy: string;
}

/** A problem as one line: `nodes[2].hostKey: is missing; print it with: …`. */
export function problemLine({ path, problem, remedy }: Problem): string {
  return remedy === "" ? `${path}: ${problem}` : `${path}: ${problem}; ${remedy}`;
}

/** `["nodes", 2, "labels", "a.b/c"]` as `nodes[2].labels["a.b/c"]`, which `pulumi config set --path` understands as well. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (/[.[\]"\s]/.test(step) || step === "") return `${text}[${JSON.stringify(step)}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}
