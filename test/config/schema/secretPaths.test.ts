import * as assert from "node:assert/strict";
import { z } from "zod";
import { mapSecrets, secretPatterns } from "../../../config/schema/secretPaths";
import { settingsSchema } from "../../../config/settings";
import { secret } from "../../../config/schema/scalars";

describe("secretPatterns", () => {
  it("are exactly the secrets of the schema", () => {
    const listed = secretPatterns.map((pattern) => pattern.join("."));
    assert.deepEqual([...secretsOf(settingsSchema, [])].sort(), [...listed].sort());
  });
});

describe("mapSecrets", () => {
  it("replaces what is set, at any name, and leaves the rest alone", () => {
    const raw = {
      issuers: { a: { tsigSecret: "x", zones: ["z"] }, b: null },
      k3s: { token: "y", version: "v" },
      ssh: [],
    };
    const seen: string[] = [];
    const replaced = mapSecrets(raw, (_, path) => {
      seen.push(path.join("."));
      return "[secret]";
    });
    assert.deepEqual(seen, ["k3s.token", "issuers.a.tsigSecret"]);
    assert.deepEqual(replaced, {
      issuers: { a: { tsigSecret: "[secret]", zones: ["z"] }, b: null },
      k3s: { token: "[secret]", version: "v" },
      ssh: [],
    });
    assert.equal(raw.k3s.token, "y");
  });
});

/** Paths of all secrets in a schema, `*` for names. */
function secretsOf(schema: z.ZodType, path: readonly string[]): Set<string> {
  if (schema === secret) return new Set([path.join(".")]);
  const below: [string, z.ZodType][] = [];
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return secretsOf(schema.unwrap() as z.ZodType, path);
  }
  if (schema instanceof z.ZodObject) below.push(...(Object.entries(schema.shape) as [string, z.ZodType][]));
  if (schema instanceof z.ZodRecord) below.push(["*", schema.valueType as z.ZodType]);
  if (schema instanceof z.ZodArray) below.push(["[]", schema.element as z.ZodType]);
  const here =
    schema instanceof z.ZodUnion ? (schema.options as z.ZodType[]).map((option) => secretsOf(option, path)) : [];
  return new Set(
    [...here, ...below.map(([name, inner]) => secretsOf(inner, [...path, name]))].flatMap((each) => [...each]),
  );
}
