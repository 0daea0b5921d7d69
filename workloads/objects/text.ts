import { z } from "zod";

/** A value that is known only while the program runs: a `pulumi.Output`. What is decided here never looks into it. */
export interface Later<T> {
  apply(use: (value: T) => unknown): unknown;
}

/** Text, or an output that will be text. */
export type Text = string | Later<string>;

/** Whether a value is known only later. */
export function isLater(value: unknown): value is Later<unknown> {
  return typeof value === "object" && value !== null && typeof (value as Partial<Later<unknown>>).apply === "function";
}

/** A value of a Kubernetes object. */
export type Field = string | number | boolean | undefined | Text | readonly Field[] | { readonly [key: string]: Field };

/** Fields of a Kubernetes object. */
export type Fields = Readonly<Record<string, Field>>;

/** A Kubernetes object of a workload, as it is to be. */
export interface WorkloadObject {
  /** What it is among the workload's: the last part of its name in Pulumi's state; "" for the one that runs the pods. */
  readonly part: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Fields;
  readonly spec: Fields;
}

/** Text that fits a rule as soon as it is known; `rule` has the message. */
export function text(rule: z.ZodType<string> = z.string().min(1, "is empty; write a value")): z.ZodType<Text, Text> {
  return z.custom<Text>().superRefine((value, context) => {
    if (isLater(value)) return;
    const { error } = rule.safeParse(value);
    for (const { message } of error?.issues ?? []) context.addIssue({ code: "custom", message, input: value });
  });
}
