import type * as pulumi from "@pulumi/pulumi";
import type { OutputMap } from "@pulumi/pulumi/automation";
import type { StackOutputs } from "../components/stack";
import type { PlainOutputs } from "../desired/outputs";
import { SECRET_MARK, Secret } from "../config/secret";

/**
 * What a stack tells those who use it, with the secrets as `Secret`: they print as `[secret]` wherever they are formatted
 * or serialised, and only `reveal()` gives the text.
 */
export type ClusterOutputs = {
  readonly [Key in keyof StackOutputs]: Key extends keyof PlainOutputs
    ? PlainOutputs[Key]
    : StackOutputs[Key] extends pulumi.Output<string>
      ? Secret
      : StackOutputs[Key];
};

/** Outputs as the SDK gives them: secrets in plain text, with a mark. */
export function revealableOutputs(outputs: OutputMap): Partial<ClusterOutputs> {
  return Object.fromEntries(
    Object.entries(outputs).map(([key, { value, secret }]) => [
      key,
      secret ? Secret.of(typeof value === "string" ? value : JSON.stringify(value)) : (value as unknown),
    ]),
  );
}

/** Outputs as `pulumi stack output --json` prints them: secrets are not in it. */
export function sealedOutputs(printed: string): Partial<ClusterOutputs> {
  return Object.fromEntries(
    Object.entries(JSON.parse(printed) as Record<string, unknown>).map(([key, value]) => [
      key,
      value === SECRET_MARK ? Secret.sealed() : value,
    ]),
  );
}
