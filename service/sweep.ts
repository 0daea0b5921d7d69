import type { ServiceParts } from "./api/serviceApi";
import { forgetReplays } from "./store/replays";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const REPLAY_DAYS = 7;

/** Removes what is too old now and every hour: ended operations with their events, keys of requests. The answer ends it. */
export function sweep(parts: ServiceParts, onError: (error: unknown) => void): () => void {
  const once = (): void => void removeOld(parts).catch(onError);
  once();
  const timer = setInterval(once, HOUR_MS);
  return () => clearInterval(timer);
}

/** The newest operation of a stack stays, however old. */
export async function removeOld({
  store,
  operations,
  fleetRuns,
  supervisor,
  settings,
  now,
}: ServiceParts): Promise<void> {
  const before = (days: number): Date => new Date(now().getTime() - days * DAY_MS);
  await forgetReplays(store, before(REPLAY_DAYS));
  await fleetRuns.removeEndedBefore(before(settings.keepDays));
  for (const id of await operations.endedBefore(before(settings.keepDays))) {
    // The directory first: a record without one is removed again, and a directory without a record never.
    supervisor.workOf(id).remove();
    await operations.remove(id);
  }
  // Of a record that several services share, another one may have removed it.
  for (const id of supervisor.directoriesBefore(before(settings.keepDays))) {
    if ((await operations.find(id)) === undefined) supervisor.workOf(id).remove();
  }
}
