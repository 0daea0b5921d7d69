import { z } from "zod";

/** Days in the order of ISO 8601: Monday is 1. */
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export type Weekday = (typeof WEEKDAYS)[number];

const clock = (last: string): z.ZodString =>
  z
    .string()
    .regex(
      new RegExp(`^(([01]\\d|2[0-3]):[0-5]\\d${last})$`),
      'is not a time of day; write hours and minutes, like "22:00"',
    );

/** `groundwork:rollout.window`, in the words of k3s's system-upgrade-controller and of kured. */
export const rolloutWindowSchema = z.strictObject({
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .default([...WEEKDAYS])
    .describe("The days on which it opens. Default: every day."),
  startTime: clock("").describe('When it opens, in quotes: "22:00".'),
  endTime: clock("|24:00").describe(
    'When it closes, in quotes: "04:00". One that is not after startTime is of the day after. A node that was begun is finished.',
  ),
  timeZone: z
    .string()
    .default("UTC")
    .describe("The zone of these times, by its IANA name: Europe/Berlin. The servers need tzdata for any but UTC."),
  openUntil: z
    .string()
    .optional()
    .describe(
      "Opens it, whatever the hour, until this moment (RFC 3339): for one run that cannot wait. Afterwards it does nothing, and may stay.",
    ),
});

export type RolloutWindow = z.output<typeof rolloutWindowSchema>;
