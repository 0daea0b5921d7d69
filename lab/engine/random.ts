import { randomBytes, randomInt } from "node:crypto";
import type { Executor, Made } from "./executor";
import type { Values } from "./propertyValues";

interface TextInputs {
  readonly length: number;
  readonly lower?: boolean;
  readonly upper?: boolean;
  readonly numeric?: boolean;
  readonly number?: boolean;
  readonly special?: boolean;
  readonly minLower?: number;
  readonly minUpper?: number;
  readonly minNumeric?: number;
  readonly minSpecial?: number;
  readonly overrideSpecial?: string;
}

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
/** The provider's own list (terraform-provider-random). */
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** Random values are made once: whatever changes in their inputs makes a new one. */
function randomExecutor(make: (inputs: Values) => Made): Executor {
  return {
    replaces: () => true,
    create: (work) => Promise.resolve(make(work.inputs)),
    update: (work) => Promise.resolve({ ...work.old?.outputs, ...work.inputs }),
    delete: () => Promise.resolve(),
  };
}

/** `random:index:*` as far as it is trivial; `bcryptHash` of a password is left out. */
export const randomExecutors: Record<string, Executor> = {
  "random:index/randomPassword:RandomPassword": randomExecutor((inputs) => {
    return { id: "none", outputs: { ...inputs, result: randomText(inputs as unknown as TextInputs) } };
  }),
  "random:index/randomString:RandomString": randomExecutor((inputs) => {
    const result = randomText(inputs as unknown as TextInputs);
    return { id: result, outputs: { ...inputs, result } };
  }),
  "random:index/randomId:RandomId": randomExecutor((inputs) => {
    const bytes = randomBytes(Number(inputs["byteLength"]));
    const prefix = (inputs["prefix"] ?? "") as string;
    const outputs = {
      ...inputs,
      b64Url: prefix + bytes.toString("base64url"),
      b64Std: prefix + bytes.toString("base64"),
      hex: prefix + bytes.toString("hex"),
      dec: prefix + BigInt(`0x${bytes.toString("hex")}`).toString(),
    };
    return { id: bytes.toString("base64url"), outputs };
  }),
};

function randomText(inputs: TextInputs): string {
  const groups = [
    { letters: LOWER, isUsed: inputs.lower ?? true, atLeast: inputs.minLower ?? 0 },
    { letters: LOWER.toUpperCase(), isUsed: inputs.upper ?? true, atLeast: inputs.minUpper ?? 0 },
    { letters: DIGITS, isUsed: inputs.numeric ?? inputs.number ?? true, atLeast: inputs.minNumeric ?? 0 },
    { letters: inputs.overrideSpecial ?? SPECIAL, isUsed: inputs.special ?? true, atLeast: inputs.minSpecial ?? 0 },
  ].filter(({ isUsed }) => isUsed);
  const all = groups.map(({ letters }) => letters).join("");
  const pick = (letters: string) => letters.charAt(randomInt(letters.length));
  const text = groups.flatMap(({ letters, atLeast }) => Array.from({ length: atLeast }, () => pick(letters)));
  while (text.length < inputs.length) text.push(pick(all));
  for (let at = text.length - 1; at > 0; at--) {
    const other = randomInt(at + 1);
    [text[at], text[other]] = [text[other] ?? "", text[at] ?? ""];
  }
  return text.join("");
}
