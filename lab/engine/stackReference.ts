import { secret, type Value, type Values } from "./propertyValues";

/** The outputs of another stack, by its full name; undefined where there is no such stack. */
export type References = (
  stack: string,
) => Readonly<Record<string, { readonly value: Value; readonly secret: boolean }>> | undefined;

export const REFERENCE_TYPE = "pulumi:pulumi:StackReference";

/**
 * What the program reads of another stack, in the form of Pulumi's own engine.
 *
 * @throws Error where there is no such stack
 */
export function referencedStack(name: string, references: References): Values {
  const outputs = references(name);
  if (outputs === undefined) throw new Error(`unknown stack "${name}"`);
  const entries = Object.entries(outputs);
  return {
    name,
    outputs: Object.fromEntries(
      entries.map(([key, output]) => [key, output.secret ? secret(output.value) : output.value]),
    ),
    secretOutputNames: entries.filter(([, output]) => output.secret).map(([key]) => key),
  };
}
