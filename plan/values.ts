import * as pulumi from "@pulumi/pulumi";
import { SECRET_MARK } from "../config/secret";

/** What a value that only exists after `up` is shown as. */
export const UNKNOWN_MARK = "[known after up]";

/** A resource's input as a person may see it: plain data, secrets and unknown values replaced by their marks. */
export type PlanValue = string | number | boolean | null | readonly PlanValue[] | { readonly [key: string]: PlanValue };

/**
 * Turns what the Pulumi SDK sends to the engine into plain data. Secrets are recognised by Pulumi's own signature, so
 * that a secret made by the program (a random token) is hidden just like one from the stack's file.
 */
export function planValue(sent: unknown): PlanValue {
  if (sent === null || sent === undefined) return null;
  if (sent === pulumi.runtime.unknownValue) return UNKNOWN_MARK;
  if (typeof sent === "string") return hideUnknown(sent);
  if (typeof sent === "number" || typeof sent === "boolean") return sent;
  if (Array.isArray(sent)) return sent.map(planValue);
  const fields = sent as Record<string, unknown>;
  switch (fields[pulumi.runtime.specialSigKey]) {
    case undefined:
      return planFields(fields);
    case pulumi.runtime.specialSecretSig:
      return SECRET_MARK;
    case pulumi.runtime.specialResourceSig:
      return `[resource ${nameOfUrn(String(fields["urn"]))}]`;
    default:
      return planAsset(fields);
  }
}

/** Fields in the order of their names: the order in which a program sets them means nothing. */
export function planFields(fields: Readonly<Record<string, unknown>>): Record<string, PlanValue> {
  const shown = Object.keys(fields)
    .filter((key) => fields[key] !== undefined)
    .sort();
  return Object.fromEntries(shown.map((key) => [key, planValue(fields[key])]));
}

/** The logical name at the end of `urn:pulumi:stack::project::type::name`. */
export function nameOfUrn(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

// Asset.path, Asset.text, Archive.path …: whatever holds the content.
function planAsset(fields: Record<string, unknown>): PlanValue {
  const content = ["path", "uri", "text"].map((key) => fields[key]).find((value) => typeof value === "string");
  return typeof content === "string" ? content : "[asset]";
}

// A string built from an unknown one by a provider's own code carries the sentinel inside it.
function hideUnknown(text: string): string {
  return text.includes(pulumi.runtime.unknownValue) ? text.replaceAll(pulumi.runtime.unknownValue, UNKNOWN_MARK) : text;
}
