import { GroundworkError } from "../../config/groundworkError";
import { run } from "../../process/run";
import type { ServedStack } from "../settings/serviceFile";
import type { OutcomeError } from "../store/operations";
import { nodeArguments } from "./startProcess";

/** A question that the engine answers at once, and that changes nothing. */
export type Question =
  { readonly what: "outputs"; readonly secrets: boolean } | { readonly what: "history"; readonly limit: number };

/** What the process of a question is told, on its standard input. */
export interface AskRequest {
  readonly stack: ServedStack;
  readonly engine: string;
  readonly question: Question;
}

/** What it prints as its last line. */
export type Answer = { readonly value: unknown } | { readonly error: OutcomeError };

export type Ask = (stack: ServedStack, question: Question) => Promise<unknown>;

const LONGEST_MS = 60_000;
/** More engines at once than this only make each other slow. */
const AT_ONCE = 4;

/**
 * Asks in a process of its own: the service itself never has the engine, a passphrase or a secret setting in its memory, and an answer with
 * secrets comes through a pipe.
 */
export function askIn(engine: string): Ask {
  let asking = 0;
  return async (stack, question) => {
    if (asking >= AT_ONCE) {
      throw new GroundworkError<string>("busy", "too many questions are put to the engine already", {
        remedy: "try again in a few seconds",
      });
    }
    asking++;
    try {
      const request: AskRequest = { stack, engine, question };
      const input = JSON.stringify(request);
      const options = { input, timeoutMs: LONGEST_MS, cwd: stack.project };
      const { code, stdout } = await run(process.execPath, nodeArguments("askProcess"), options);
      if (code === 124) {
        const remedy = "look whether its backend can be reached, and try again";
        throw new GroundworkError<string>("no-answer", `the engine has not answered for stack '${stack.name}'`, {
          remedy,
        });
      }
      if (code !== 0) throw new Error(`the process that asks the engine ended with ${code}`);
      return valueOf(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Answer);
    } finally {
      asking--;
    }
  };
}

function valueOf(answer: Answer): unknown {
  if ("value" in answer) return answer.value;
  const { code, message, remedy } = answer.error;
  throw new GroundworkError<string>(code, message, { remedy });
}
