import { join } from "node:path";
import { pino, type DestinationStream, type Logger } from "pino";
import { GroundworkError } from "../config/groundworkError";
import { Issuers } from "./access/issuers";
import { Tokens } from "./access/tokens";
import { serviceApp } from "./api/app";
import { closer } from "./api/closer";
import type { ServiceParts } from "./api/serviceApi";
import { FleetDriver } from "./fleets/fleetDriver";
import { askIn } from "./runs/ask";
import { fileEvents } from "./runs/eventSource";
import { OperationWatch } from "./runs/operationWatch";
import { alone } from "./runs/ownership";
import { Supervisor } from "./runs/supervisor";
import { WorkDirectory } from "./runs/workDirectory";
import type { ServiceSettings } from "./settings/serviceFile";
import { recordEvents } from "./shared/recordEvents";
import { Sharing, type SharingOptions } from "./shared/sharing";
import { holdDirectory } from "./store/directoryLock";
import { FleetRuns, type FleetRun } from "./store/fleetRuns";
import { Operations, type Operation } from "./store/operations";
import { openStore } from "./store/openStore";
import { sweep } from "./sweep";

export interface ServiceOptions {
  readonly settings: ServiceSettings;
  readonly version: string;
  /** File of the module that opens stacks. Default: on Pulumi's engine. */
  readonly engine?: string;
  /** Where the log goes, a JSON object a line. Default: standard output. */
  readonly log?: DestinationStream;
  readonly now?: () => Date;
  /** How late the process may be before requests are answered with 503. Default 1500 ms. */
  readonly longestDelayMs?: number;
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
  const given: (() => unknown)[] = [];
  try {
    given.push(holdDirectory(settings.directory));
    const log = pino({ redact: REDACTED, base: undefined }, options.log ?? pino.destination(1));
    const store = await openStore(settings);
    given.push(() => store.close());
    const [operations, fleetRuns] = [new Operations(store, now), new FleetRuns(store, now)];
    const runs = join(settings.directory, "runs");
    const workOf = (id: string): WorkDirectory => new WorkDirectory(runs, id);
    const onChange = (operation: Operation): void => {
      logChange(log, operation);
      if (operation.state !== "running") fleetDriver.wake();
    };
    const sharing = sharingOf(settings, { store, operations, onChange }, (error) =>
      log.error({ err: error }, "the record that services share cannot be looked after"),
    );
    const supervisor = new Supervisor({
      ...{ operations, runs, engine, onChange, stacks: settings.stacks, runsAtOnce: settings.runsAtOnce },
      ownership: sharing?.ownership ?? alone(operations, workOf),
      onError: (error) => log.error({ err: error }, "an operation cannot be followed"),
    });
    const fleetDriver: FleetDriver = new FleetDriver({
      ...{ store, fleetRuns, operations, supervisor, settings },
      onEnd: (run) => logFleet(log, run),
      onError: (error) => log.error({ err: error }, "a fleet cannot go on"),
    });
    const source = sharing === undefined ? fileEvents((id) => workOf(id).eventFile) : recordEvents(store);
    const watch = new OperationWatch(operations, source);
    const parts: ServiceParts = {
      ...{ settings, store, operations, supervisor, fleetRuns, fleetDriver, watch, now },
      tokens: new Tokens(store, now),
      issuers: new Issuers(settings.oidc, { now }),
      ask: askIn(engine),
    };
    const app = await serviceApp(parts, { logger: log, version, longestDelayMs: options.longestDelayMs });
    const close = closer(app);
    given.push(close);
    await sharing?.join();
    const stopSweeping = sweep(parts, (error) => log.error({ err: error }, "old operations cannot be removed"));
    given.push(stopSweeping);
    const address = await app.listen({ host: settings.listen.host, port: settings.listen.port });
    await supervisor.start();
    sharing?.start(supervisor);
    fleetDriver.start();
    return {
      address,
      stop: async () => {
        log.info("stopping");
        watch.close();
        await fleetDriver.stop();
        await Promise.all([close(), supervisor.stop(settings.stopSeconds * 1000)]);
        await sharing?.stop();
        await giveBack(given);
      },
    };
  } catch (error) {
    await giveBack(given);
    throw error;
  }
}

/** What was taken last goes first. */
async function giveBack(given: readonly (() => unknown)[]): Promise<void> {
  for (const back of [...given].reverse()) await back();
}

/** Undefined where the service has its record alone. */
function sharingOf(
  { directory, database, stacks }: ServiceSettings,
  parts: Pick<SharingOptions, "store" | "operations" | "onChange">,
  onError: (error: unknown) => void,
): Sharing | undefined {
  if (database === undefined) return undefined;
  return new Sharing({ ...parts, onError, directory, goneSeconds: database.goneSeconds, stacks: [...stacks.keys()] });
}

function logFleet(log: Logger, { id, fleet, kind, state, requestedBy }: FleetRun): void {
  log.info({ audit: true, fleet, fleetRun: id, kind, state, requestedBy }, state);
}

function logChange(log: Logger, { id, stack, kind, state, requestedBy, outcome }: Operation): void {
  const code = outcome?.error?.code;
  log.info(
    { audit: true, operation: id, stack, kind, state, requestedBy, ...(code === undefined ? {} : { code }) },
    state,
  );
}
