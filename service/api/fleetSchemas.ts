import { z } from "zod";
import { stackName } from "./schemas";

export const fleetName = z.string().min(1).max(100).describe("Name of a fleet in the service's file.");
const time = z.iso.datetime().describe("Time, UTC.");
const kind = z.enum(["preview", "up", "refresh"]);

export const fleetSchema = z
  .object({
    name: fleetName,
    waves: z.array(z.array(stackName)).describe("A wave begins when the one before is through."),
    running: z.uuid().optional().describe("The run that is under way."),
    latest: z.uuid().optional().describe("The run that was asked for last."),
  })
  .meta({ id: "Fleet" });
export type FleetBody = z.output<typeof fleetSchema>;

export const fleetRunRequest = z
  .strictObject({
    kind,
    message: z.string().max(500).optional().describe("A note for the stacks' history. Default: the fleet's name."),
  })
  .meta({ id: "FleetRunRequest" });
export type FleetRunRequestBody = z.input<typeof fleetRunRequest>;

const fleetStackSchema = z
  .object({
    stack: stackName,
    state: z
      .enum(["waiting", "running", "checking", "done", "failed"])
      .describe("`checking`: it was changed, and the fleet's gate is asked."),
    operation: z.uuid().optional().describe("What is, or was, done with it."),
    code: z.string().optional().describe("Of what failed: as in an operation's error; `gate`; or its state."),
    problem: z.string().optional(),
  })
  .meta({ id: "FleetStack" });

export const fleetRunSchema = z
  .object({
    id: z.uuid(),
    fleet: fleetName,
    kind,
    state: z
      .enum(["running", "succeeded", "stopped", "cancelled"])
      .describe("`stopped`: more stacks of a wave failed than may, and no further one was begun."),
    wave: z.int().describe("The wave that it is, or ended, in; counted from 1."),
    requestedBy: z.string().describe("Name of the token that asked for it, or for it to go on."),
    message: z.string().optional(),
    isCancelRequested: z.boolean(),
    createdAt: time,
    endedAt: time.optional(),
    waves: z.array(z.array(fleetStackSchema)),
  })
  .meta({ id: "FleetRun" });
export type FleetRunBody = z.output<typeof fleetRunSchema>;

export const fleetRunsQuery = z.object({ limit: z.coerce.number().int().min(1).max(50).default(10) });
