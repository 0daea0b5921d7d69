import * as pulumi from "@pulumi/pulumi";

/** A property value as the Pulumi SDK sends it: plain JSON, with secrets wrapped and unknowns as a marker string. */
export type Value = unknown;
export type Values = { [name: string]: Value };

const { specialSigKey, specialSecretSig, unknownValue } = pulumi.runtime;

/** The marker of a value that is only known after the deployment. */
export const UNKNOWN: string = unknownValue;

export function isObject(value: Value): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: Value): value is { value: Value } & Values {
  return isObject(value) && value[specialSigKey] === specialSecretSig;
}

export function secret(value: Value): Value {
  return isSecret(value) ? value : { [specialSigKey]: specialSecretSig, value };
}

/** The value without its wrapper, when it is a secret. */
export function bare(value: Value): Value {
  return isSecret(value) ? value.value : value;
}

/** Applies `change` to each secret in a value, in place of the secret. */
export function mapSecrets(value: Value, change: (secretValue: Value) => Value): Value {
  if (isSecret(value)) return change(value.value);
  if (Array.isArray(value)) return value.map((item) => mapSecrets(item, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapSecrets(item, change)]));
}

/** The value with all its secrets in plain text: for whom executes, never for whom prints or writes. */
export function plain<T = Value>(value: Value): T {
  return mapSecrets(value, plain) as T;
}

export function containsUnknown(value: Value): boolean {
  if (Array.isArray(value)) return value.some(containsUnknown);
  return isObject(value) ? Object.values(value).some(containsUnknown) : value === UNKNOWN;
}

/** Where a connection goes is part of what @pulumi/command declares secret, and shown all the same. */
const PUBLIC_PARTS = ["host", "user", "hostKey", "agentSocketPath"];

/** Every text inside the secrets of a value: what must not be printed. */
export function secretTexts(value: Value, inSecret = false): string[] {
  if (typeof value === "string") return inSecret ? [value] : [];
  if (isSecret(value)) return secretTexts(value.value, true);
  if (typeof value !== "object" || value === null) return [];
  const parts = Object.entries(value).filter(([name]) => !PUBLIC_PARTS.includes(name));
  return parts.flatMap(([, item]) => secretTexts(item, inSecret));
}

/** Outputs in which whatever is secret in the inputs is secret too, as Pulumi's engine does it. */
export function keepSecrets(outputs: Value, inputs: Value): Value {
  if (isSecret(inputs)) return secret(outputs);
  if (isSecret(outputs)) return outputs;
  if (Array.isArray(outputs) && Array.isArray(inputs)) return outputs.map((item, at) => keepSecrets(item, inputs[at]));
  if (!isObject(outputs) || !isObject(inputs)) return outputs;
  return Object.fromEntries(Object.entries(outputs).map(([name, item]) => [name, keepSecrets(item, inputs[name])]));
}

/** The outputs with the named ones made secret (`additionalSecretOutputs`). */
export function withSecretOutputs(outputs: Values, names: readonly string[]): Values {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name, names.includes(name) ? secret(value) : value]),
  );
}
