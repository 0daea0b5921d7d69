import { z } from "zod";

/** What goes over the wire. Validation, the OpenAPI document and the client's types are all made of these. */

export const stackName = z.string().min(1).max(200).describe("Name of a stack in the service's file.");
const time = z.iso.datetime().describe("Time, UTC.");

export const problemSchema = z
  .object({
    type: z.string().describe("What kind it is, for programs: `urn:groundwork:problem:` and a code."),
    title: z.string().describe("The HTTP status in words."),
    status: z.int(),
    detail: z.string().describe("What is wrong, for people."),
    remedy: z.string().optional().describe("What to do about it."),
    problems: z
      .array(z.object({ path: z.string(), problem: z.string(), remedy: z.string() }))
      .optional()
      .describe("Each thing that is wrong with a request or with a stack's settings."),
    operation: z.string().optional().describe("The operation that it is about."),
  })
  .describe("A problem (RFC 9457).")
  .meta({ id: "Problem" });
export type ProblemBody = z.output<typeof problemSchema>;

export const operationState = z.enum(["queued", "running", "succeeded", "failed", "cancelled", "interrupted"]);
const operationKind = z.enum(["preview", "up", "refresh", "destroy"]);

const outcomeError = z
  .object({
    code: z.string().describe("As of a StackError: `locked`, `wrong-passphrase`, `failed`, …; or `interrupted`."),
    message: z.string(),
    remedy: z.string(),
    problems: z.array(z.unknown()).optional(),
    failures: z.array(z.unknown()).optional().describe("The resources that failed, with what their hosts said."),
  })
  .meta({ id: "OperationError" });

export const operationSchema = z
  .object({
    id: z.uuid(),
    stack: stackName,
    kind: operationKind,
    state: operationState.describe(
      "`interrupted`: its process was killed; what it had done is kept by the engine, and nothing is repeated by itself.",
    ),
    requestedBy: z.string().describe("Name of the token that asked for it."),
    message: z.string().optional(),
    preview: z.uuid().optional().describe("The preview whose plan it does exactly."),
    createdAt: time,
    startedAt: time.optional(),
    endedAt: time.optional(),
    isCancelRequested: z.boolean(),
    result: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("`counts` of what was, or would be, done; `changes` of a preview, `seconds` of a run."),
    error: outcomeError.optional(),
  })
  .meta({ id: "Operation" });
export type OperationBody = z.output<typeof operationSchema>;

export const stackSchema = z
  .object({
    name: stackName,
    running: z.uuid().optional().describe("The operation that has the stack now."),
    latest: z.uuid().optional().describe("The operation that was asked for last."),
  })
  .meta({ id: "Stack" });
export type StackBody = z.output<typeof stackSchema>;

export const previewRequest = z.strictObject({}).meta({ id: "PreviewRequest" });

export const runRequest = z
  .strictObject({
    kind: z.enum(["up", "refresh", "destroy"]),
    message: z.string().max(500).optional().describe("A note for the stack's history."),
  })
  .meta({ id: "RunRequest" });
export type RunRequestBody = z.input<typeof runRequest>;

export const approval = z
  .strictObject({ message: z.string().max(500).optional().describe("A note for the stack's history.") })
  .meta({ id: "Approval" });

export const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.uuid().optional().describe("Id of an operation: those before it."),
});

export const historyQuery = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(50) });

export const historySchema = z
  .object({
    entries: z.array(
      z.object({
        version: z.int(),
        operation: z.string(),
        result: z.string(),
        start: time,
        end: time.optional(),
        changes: z.record(z.string(), z.number()),
        message: z.string(),
      }),
    ),
  })
  .meta({ id: "History" });
export type HistoryBody = z.output<typeof historySchema>;

export const outputsQuery = z.object({
  secrets: z
    .enum(["true", "false"])
    .default("false")
    .describe("Whether secrets come in plain text, which needs `secrets`; otherwise they are `[secret]`."),
});

export const outputsSchema = z.object({ outputs: z.record(z.string(), z.unknown()) }).meta({ id: "Outputs" });

export const idempotencyHeaders = z.object({
  "idempotency-key": z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("The same request with the same key is done once, however often it comes; keys are kept for a week."),
});
