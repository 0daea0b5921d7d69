import { join } from "node:path";
import { pino, type DestinationStream, type Logger } from "pino";
import { GroundworkError } from "../config/groundworkError";
import { Tokens } from "./access/tokens";
import { serviceApp } from "./api/app";
import { closer } from "./api/closer";
import type { ServiceParts } from "./api/serviceApi";
import { askIn } from "./runs/ask";
import { OperationWatch } from "./runs/operationWatch";
import { Supervisor } from "./runs/supervisor";
import type { ServiceSettings } from "./settings/serviceFile";
import { holdDirectory } from "./store/directoryLock";
import { Operations, type Operation } from "./store/operations";
import { openStore } from "./store/store";
import { sweep } from "./sweep";

export interface ServiceOptions {
  readonly settings: ServiceSettings;
  readonly version: string;
  /** File of the module that opens stacks. Default: on Pulumi's engine. */
  readonly engine?: string;
  /** Where the log goes, a JSON object a line. Default: standard output. */
  readonly log?: DestinationStream;
  readonly now?: () => Date;
}

/** A service that listens. */
export interface Service {
  /** `http://127.0.0.1:8411` */
  readonly address: string;
  /** Stops listening, lets runs end, and cancels in good order those that take longer than `stopSeconds`. */
  stop(): Promise<void>;
}

/** What never stands in the log, wherever it comes from. */
const REDACTED = ["req.headers.authorization", "req.headers.cookie", "authorization", "token.text"];

/** @throws GroundworkError where the directory is another service's, or this is not Linux. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { settings, version, now = () => new Date(), engine = join(__dirname, "runs", "pulumiEngine") } = options;
  if (process.platform !== "linux") {
    const remedy = "run it on Linux, in a container for example";
    throw new GroundworkError("failed", "the service knows processes by /proc, which only Linux has", { remedy });
  }
  const release = holdDirectory(settings.directory);
  try {
    const log = pino({ redact: REDACTED, base: undefined }, options.log ?? pino.destination(1));
    const store = await openStore(settings.directory);
    const operations = new Operations(store, now);
    const supervisor = new Supervisor({
      ...{
        operations,
        runs: join(settings.directory, "runs"),
        stacks: settings.stacks,
        runsAtOnce: settings.runsAtOnce,
        engine,
      },
      onChange: (operation) => logChange(log, operation),
      onError: (error) => log.error({ err: error }, "an operation cannot be followed"),
    });
    const watch = new OperationWatch(operations, (id) => supervisor.workOf(id).eventFile);
    const parts: ServiceParts = {
      ...{ settings, store, operations, supervisor, watch, now },
      tokens: new Tokens(store, now),
      ask: askIn(engine),
    };
    const app = await serviceApp(parts, { logger: log, version });
    const close = closer(app);
    const stopSweeping = sweep(parts, (error) => log.error({ err: error }, "old operations cannot be removed"));
    const address = await app.listen({ host: settings.listen.host, port: settings.listen.port });
    await supervisor.start();
    return {
      address,
      stop: async () => {
        log.info("stopping");
        stopSweeping();
        watch.close();
        await Promise.all([close(), supervisor.stop(settings.stopSeconds * 1000)]);
        await store.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

function logChange(log: Logger, { id, stack, kind, state, requestedBy, outcome }: Operation): void {
  const code = outcome?.error?.code;
  log.info(
    { audit: true, operation: id, stack, kind, state, requestedBy, ...(code === undefined ? {} : { code }) },
    state,
  );
}
