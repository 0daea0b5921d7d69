import Module from "node:module";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..");

/** The program of an example. It imports the package by its name, which is this checkout here. */
export function exampleProgram(example: string): () => Promise<unknown> {
  const internals = Module as unknown as { _resolveFilename: (request: string, ...rest: unknown[]) => string };
  const before = internals._resolveFilename;
  internals._resolveFilename = (request, ...rest) =>
    before(request === "groundwork/workloads" ? join(ROOT, "workloads", "workloads.ts") : request, ...rest);
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as the engine loads it
    return require(join(ROOT, "examples", example)) as () => Promise<unknown>;
  } finally {
    internals._resolveFilename = before;
  }
}
