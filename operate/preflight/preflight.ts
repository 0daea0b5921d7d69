import type { Finding } from "../finding";
import type { Host } from "../host";
import { askAll, type Site } from "../site";
import { clockFindings, readClock, type ClockReading } from "./clocks";
import { duplicateFindings } from "./duplicates";
import { inspectionOf, unreached, type Inspection } from "./inspection";
import { linkFindings } from "./links";
import { lowered } from "./lower";
import { wayBetween } from "./neighbours";
import { probeAll } from "./probe";
import { inspectProgram } from "./programs";

/** How long a host may take to be connected to and to tell its time. */
const CONTACT_SECONDS = 9;

/**
 * Looks at all machines of a stack at once, before anything on them is touched: each for itself by the same checks that `up` makes,
 * then what only all together show: clocks, duplicates, and the network between them. Changes nothing on a host.
 *
 * @param progress Told what is done now.
 */
export async function preflight(
  site: Site,
  progress: (line: string) => void = () => undefined,
): Promise<readonly Finding[]> {
  const { hosts, settings } = site;
  progress(`looking at ${hosts.length} ${hosts.length === 1 ? "host" : "hosts"}`);
  const looked = await askAll(hosts, async (host): Promise<{ clock?: ClockReading; inspection: Inspection }> => {
    const clock = await within(CONTACT_SECONDS, host, readClock(host));
    const answer = await host.runProgram(inspectProgram(host.node, settings), "inspect", { timeoutMs: 60_000 });
    return { ...(clock === undefined ? {} : { clock }), inspection: inspectionOf(host.node, answer) };
  });
  const found = looked.flatMap((reply) => ("value" in reply ? [reply.value] : []));
  const inspections = found.map(({ inspection }) => inspection);
  const way = wayBetween(inspections, settings);
  return lowered(
    [
      ...looked.flatMap((reply) => ("error" in reply ? [unreached(reply.host.node, reply.error)] : [])),
      ...inspections.flatMap(({ findings }) => findings),
      ...clockFindings(found.flatMap(({ clock }) => clock ?? [])),
      ...duplicateFindings(inspections),
      ...linkFindings(await probeNetwork(site, inspections, way, progress), way.udpPort),
    ],
    settings.preflight,
  );
}

async function probeNetwork(
  { hosts }: Site,
  inspections: readonly Inspection[],
  { neighbourOf, udpPort }: ReturnType<typeof wayBetween>,
  progress: (line: string) => void,
): ReturnType<typeof probeAll> {
  const probers = inspections.flatMap((inspection) => {
    const neighbour = neighbourOf(inspection);
    const host = hosts.find(({ node }) => node === inspection.node);
    return neighbour === undefined || host === undefined ? [] : [{ host, neighbour }];
  });
  if (probers.length < 2) return { attempts: [], unprobed: [] };
  progress(`trying the network between ${probers.length} hosts`);
  return await probeAll(probers, udpPort);
}

/** A machine that is off lets every packet of the first one vanish; the others are not kept waiting for it. */
async function within<T>(seconds: number, host: Host, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      host.close();
      reject(new Error(`no answer after ${seconds} s`));
    }, seconds * 1000);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
