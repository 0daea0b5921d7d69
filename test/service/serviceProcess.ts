// A service in a process of its own, for tests that kill it: `node serviceProcess.ts SERVICE-FILE [ENGINE-MODULE]`. Its address is
// its first line.
import { join } from "node:path";
import { startService } from "../../service/service";
import { readServiceFile } from "../../service/settings/serviceFile";

async function main(): Promise<void> {
  const settings = readServiceFile(process.argv[2] ?? "");
  const engine = process.argv[3] ?? join(__dirname, "fakeEngine");
  const log = { write: (): void => undefined };
  const service = await startService({ settings, version: "0.0.0", engine, log, longestDelayMs: 30_000 });
  process.stdout.write(`${service.address}\n`);
  process.on("SIGTERM", () => void service.stop());
}

void main();
