import { readFileSync } from "node:fs";
import { Secret } from "../../config/secret";
import type { Answer, AskRequest, Question } from "./ask";
import { loadEngine, type UsedStack } from "./engine";
import { outcomeError } from "./operate";

/** The process of one question: the request on its standard input, the answer as the last line of its output. */
async function main(): Promise<void> {
  const { stack, engine, question } = JSON.parse(readFileSync(0, "utf8")) as AskRequest;
  let answer: Answer;
  try {
    answer = { value: await put(question, await loadEngine(engine).openServedStack(stack)) };
  } catch (error) {
    answer = { error: outcomeError(error) };
  }
  // The pipe takes it all before the process may end.
  await new Promise<void>((resolve) => process.stdout.write(`${JSON.stringify(answer)}\n`, () => resolve()));
}

async function put(question: Question, stack: UsedStack): Promise<unknown> {
  if (question.what === "history") return stack.history({ limit: question.limit });
  const outputs = await stack.outputs({ showSecrets: question.secrets });
  // A secret that is not revealed here prints as `[secret]`.
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => {
      const given: unknown = value;
      return [key, question.secrets && given instanceof Secret ? given.reveal() : given];
    }),
  );
}

/* eslint-disable no-restricted-properties -- this file is a door: the program of a process */
void main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
