import type { Settings } from "../../config/settings";
import type { Finding } from "../finding";
import { error, ok, warning } from "./finding";
import type { AskedHost } from "./hosts";

const HOUR_MS = 3_600_000;
/** k3s's default: at midnight and noon (docs.k3s.io/cli/etcd-snapshot). Two in a row may not be missed. */
const HOURS_BY_DEFAULT = 25;
/** Where the stack has a schedule of its own, which is not read here. */
const HOURS_BY_SETTING = 8 * 24;

/** Whether etcd was saved lately: the newest snapshot of any server counts. Pure. */
export function checkSnapshots(hosts: readonly AskedHost[], settings: Pick<Settings, "k3s">, now: Date): Finding[] {
  const { server } = settings.k3s;
  if (server["etcd-disable-snapshots"] === true) {
    return [
      warning(
        "snapshot",
        undefined,
        "k3s.server.etcd-disable-snapshots is set: nothing can be restored",
        "take the setting out",
      ),
    ];
  }
  const asked = hosts.filter(({ health }) => health.snapshot !== undefined);
  if (asked.length === 0) return [];
  const times = asked.flatMap(({ node, health }) =>
    health.snapshot === undefined || health.snapshot === "none" ? [] : [{ name: node.name, ...health.snapshot }],
  );
  const [newest] = times.sort((one, other) => other.at.getTime() - one.at.getTime());
  const remedy =
    "save one with: groundwork snapshot save; why there is none, k3s's journal tells: groundwork node logs NAME";
  if (newest === undefined) {
    return [
      warning("snapshot", undefined, "there is no snapshot of etcd yet; k3s makes one at noon and at midnight", remedy),
    ];
  }
  const hours = (now.getTime() - newest.at.getTime()) / HOUR_MS;
  const limit = server["etcd-snapshot-schedule-cron"] === undefined ? HOURS_BY_DEFAULT : HOURS_BY_SETTING;
  const message = `the newest snapshot of etcd is ${Math.floor(hours)} h old (${newest.name}: ${newest.path})`;
  if (hours <= limit) return [ok("snapshot", undefined, message)];
  return [(hours > 4 * limit ? error : warning)("snapshot", undefined, message, remedy)];
}
