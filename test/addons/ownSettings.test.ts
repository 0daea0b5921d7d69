import * as assert from "node:assert/strict";
import { z } from "zod";
import { addon } from "../../addons/ownSettings";
import type { EntryHost } from "../../addons/entry";
import type { Addon } from "../../addons/addon";
import { ownShape } from "../../config/read/schema";
import { error } from "../../config/checks/check";
import type { Settings } from "../../config/settings";
import { settingsOf } from "../program";

const clock = addon({
  name: "clock",
  schema: z.strictObject({ hours: z.number().default(24).describe("Hours of a day.") }).describe("A clock."),
  example: "hours: 12",
  summary: { label: "time", text: ({ hours }, named) => `${named}, ${hours} hours` },
  storageClass: ({ hours }) => ({ name: "clock", isDefault: hours === 12 }),
  answersAt: ({ hours }, hosts = []) => ({ text: `${hours} on ${hosts.map(({ name }) => name).join(", ")}` }),
  checks: [({ hours }) => (hours > 24 ? [error("addons.clock.hours", "are too many", "write at most 24")] : [])],
  decide: ({ hours }) => ({
    type: "groundwork:addons:Clock",
    name: "clock",
    resources: [],
    groups: [],
    outputs: { hours: String(hours) },
  }),
});

const having = (addons: Record<string, unknown>): Settings => ({ ...settingsOf(), addons });
const options = { missingSecrets: "error" } as const;
const found = (settings: Settings, all: readonly Addon[] = [clock]): unknown =>
  clock.checks?.flatMap((check) => check(settings, options, all));

describe("an add-on with settings of its own", () => {
  it("is not there and says nothing where the stack does not name it", () => {
    const without = having({});
    assert.equal(clock.isInstalled(without, [clock]), false);
    assert.deepEqual(clock.decide(without, [clock], []), { addon: undefined });
    assert.deepEqual(found(without), []);
    assert.equal(clock.storageClass?.(without), undefined);
  });

  it("decides, checks and is summed up by what stands under its name", () => {
    const settings = having({ clock: { hours: 25 } });
    assert.equal(clock.isInstalled(settings, [clock]), true);
    assert.deepEqual(clock.decide(settings, [clock], []).addon?.outputs, { hours: "25" });
    assert.deepEqual(clock.storageClass?.(settings), { name: "clock", isDefault: false });
    const hosts = ["a", "b"].map((name): EntryHost => ({ name, role: "agent", address: name, labels: {}, taints: [] }));
    assert.deepEqual(clock.answersAt?.(settings, hosts), { text: "25 on a, b" });
    assert.equal(clock.summary?.text(settings, "clock 1.0"), "clock 1.0, 25 hours");
    assert.deepEqual(found(settings), [error("addons.clock.hours", "are too many", "write at most 24")]);
  });

  it("brings its settings into the schema, each with its default", () => {
    const schema = z.strictObject(ownShape([clock]));
    assert.deepEqual(schema.parse({ clock: {} }), { clock: { hours: 24 } });
    assert.deepEqual(schema.parse({}), {});
    assert.equal(schema.safeParse({ clocks: {} }).success, false);
  });
});
