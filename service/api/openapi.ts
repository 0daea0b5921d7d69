import { createJsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { z } from "zod";
import { problemSchema } from "./schemas";

/** What every route may answer instead of what was asked for. */
export const problem = {
  description: "What is wrong, and what to do about it.",
  content: { "application/problem+json": { schema: problemSchema } },
} as const;

/** An answer that is told as it comes. */
export const eventStream = {
  description: "Messages until the operation has ended.",
  content: { "text/event-stream": { schema: z.string() } },
} as const;

const BEARER = "A token of `groundwork serve token create`, or a JWT of an issuer in the service's file.";

/** The service's document, made of the same schemas that requests are held to. */
export function documentOptions(version: string): object {
  return {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Groundwork", version, description: "k3s clusters on machines you own, as a service." },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer", description: BEARER } } },
      security: [{ token: [] }],
    },
    transform: createJsonSchemaTransform({ skipList: [] }),
    transformObject: (input: Parameters<typeof jsonSchemaTransformObject>[0]) =>
      withoutUnused(jsonSchemaTransformObject(input) as Document),
  };
}

interface Document {
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

/** zod gives each schema as what comes in and as what goes out; a reader needs those that something names. */
function withoutUnused(document: Document): Document {
  const { schemas = {}, ...others } = document.components ?? {};
  const text = JSON.stringify(document);
  const used = Object.entries(schemas).filter(([name]) => text.includes(`"#/components/schemas/${name}"`));
  const shorter = { ...document, components: { ...others, schemas: Object.fromEntries(used) } };
  // What only an unused one named is unused now.
  return used.length === Object.keys(schemas).length ? shorter : withoutUnused(shorter);
}
