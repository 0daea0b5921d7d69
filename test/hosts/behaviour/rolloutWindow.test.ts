import * as assert from "node:assert/strict";
import { onHost } from "../host";
import { member } from "../member";
import { change } from "../preparations";
import { converged, ONE, upgrade, UPGRADE } from "../upgrading";
import { onHosts } from "./suite";

onHosts("rollout.window", () => {
  const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
  /** A window that opened or opens so many hours from now, for one hour, by the sandbox's clock. */
  const inHours = (hours: number, more: Record<string, unknown> = {}): Record<string, unknown> => {
    const at = (ahead: number): Date => new Date(Date.now() + ahead * 3_600_000);
    const time = (date: Date): string => date.toISOString().slice(11, 16);
    const window = {
      days: [DAYS[at(hours).getUTCDay()]],
      startTime: time(at(hours)),
      endTime: time(at(hours + 1)),
      ...more,
    };
    return { rollout: { window } };
  };

  it("refuses a node whose k3s would restart before anything is touched, and says when it may", () =>
    onHost(ONE, "s1", async (host) => {
      await upgrade(host, "a1", inHours(50));
      const before = host.state();
      const { code, err } = await host.run("drain");
      assert.equal(code, 1);
      const opens = new Date(Date.now() + 50 * 3_600_000);
      const day = DAYS[opens.getUTCDay()]!;
      const when = `${day.charAt(0).toUpperCase()}${day.slice(1)} ${opens.toISOString().slice(0, 16).replace("T", " ")}`;
      assert.ok(err.includes(`and it opens ${when}. Nothing was changed; run up again then`), err);
      assert.match(
        err,
        /^error: a1: k3s would restart on it, and rollout\.window is closed: it is .+ in UTC, .+openUntil: "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"$/m,
      );
      assert.deepEqual(host.state(), before);
    }));

  it("lets it go on while it is open, over midnight too", () =>
    onHost(ONE, "s1", async (host) => {
      const yesterday = new Date(Date.now() - 86_400_000);
      const time = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
      // It opened yesterday, a minute after what the clock says now, and closes in ten minutes.
      const over = { days: [DAYS[yesterday.getUTCDay()]], startTime: time(11), endTime: time(10) };
      for (const window of [inHours(-0.5), { rollout: { window: over } }]) {
        await upgrade(host, "a1", window);
        assert.match((await host.must("drain")).out, /^drained a1/m);
        converged(host);
        await host.must("ready");
        host.node = "s1";
        host.world.cluster.node("a1")!.metadata.annotations["groundwork/applied"] = "another";
      }
    }));

  it("is opened for one run by openUntil, and closed again after it", () =>
    onHost(ONE, "s1", async (host) => {
      const until = new Date(Date.now() + 600_000).toISOString();
      await upgrade(host, "a1", inHours(50, { openUntil: until }));
      assert.match((await host.must("drain")).out, /^drained a1/m);
      converged(host);
      await host.must("ready");
      host.world.clock.advance(1200);
      host.world.cluster.node("a1")!.metadata.annotations["groundwork/applied"] = "another";
      assert.match((await host.run("drain")).err, /rollout\.window is closed/);
    }));

  it("binds neither a node that joins, nor one whose k3s stays, nor one that is down", () =>
    onHost(ONE, "s1", async (host) => {
      change(host, inHours(50));
      host.surround();
      await host.must("token", "drain", "converge", "drain", "ready", "drain");
      host.node = "a1";
      host.world.cluster.node("a1")!.metadata.annotations["groundwork/applied"] = "before";
      host.world.cluster.node("a1")!.status.conditions = [{ type: "Ready", status: "False" }];
      change(host, UPGRADE);
      assert.match((await host.must("drain")).out, /^a1 is not Ready/m);
    }));

  it("keeps another join token waiting, with the host as it was", () =>
    onHost(ONE, "s1", async (host) => {
      await member(host);
      await host.must("ready");
      change(host, inHours(50));
      await host.must("token");
      const before = host.state();
      host.newToken = "another-token";
      const { code, err } = await host.run("token");
      assert.equal(code, 1);
      assert.match(err, /^error: s1: another join token restarts k3s on the servers, and rollout\.window is closed/m);
      assert.deepEqual(host.state(), before);
    }));

  it("is read in its own zone, and refused on a host that does not know the zone", () =>
    onHost(ONE, "s1", async (host) => {
      const zone = "Pacific/Kiritimati";
      await upgrade(host, "a1", inHours(14 - 0.5, { timeZone: zone }));
      const { code, err } = await host.run("drain");
      assert.equal(code, 1);
      assert.match(
        err,
        /does not know the time zone Pacific\/Kiritimati .+ install tzdata there, or write the window in UTC/,
      );
      host.world.files.writeBytes(`/usr/share/zoneinfo/${zone}`, zoneFile(14));
      assert.match((await host.must("drain")).out, /^drained a1/m);
    }));
});

/** A file of the zone database (RFC 8536) with one type of local time, so many hours before UTC. */
function zoneFile(hours: number): Buffer {
  const header = Buffer.alloc(44);
  header.write("TZif2");
  header.writeUInt32BE(1, 36); // types
  header.writeUInt32BE(2, 40); // letters of their names, with a NUL behind each
  const type = Buffer.alloc(8);
  type.writeInt32BE(hours * 3600);
  type.write("X", 6);
  return Buffer.concat([header, type, header, type, Buffer.from(`\n<+${hours}>-${hours}\n`)]);
}
