import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseStackFile } from "../config/read/stackFile";
import type { SettingsSource } from "../config/read/source";
import { Secret } from "../config/secret";
import { groundwork } from "../index";
import { commands, plainTexts, run } from "./program";
import type { Registered } from "./program";

const SECRETS = /CANARY|Q0FOQVJZ/;
const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nSSH-CANARY\n-----END OPENSSH PRIVATE KEY-----\n";

/** A committed stack with every secret set that it needs. */
function sourceOf(stack: string): SettingsSource {
  const fileName = `Pulumi.${stack}.yaml`;
  const { raw, problems } = parseStackFile(readFileSync(join(__dirname, "..", fileName), "utf8"), fileName);
  const issuers = Object.entries((raw["issuers"] ?? {}) as Record<string, Record<string, unknown>>).map(
    ([name, issuer]) => [
      name,
      issuer["type"] === "acme-dns01" ? { ...issuer, tsigSecret: Secret.of("Q0FOQVJZ") } : issuer,
    ],
  );
  const { longhorn, ...storage } = (raw["storage"] ?? {}) as Record<string, Record<string, unknown>>;
  const backupCredentials = {
    AWS_ACCESS_KEY_ID: Secret.of("CANARY-ID"),
    AWS_SECRET_ACCESS_KEY: Secret.of("CANARY-KEY"),
  };
  const isBackedUp = longhorn?.["backupTarget"] !== undefined;
  return {
    raw: {
      ...raw,
      storage: { ...storage, ...(longhorn && { longhorn: { ...longhorn, ...(isBackedUp && { backupCredentials }) } }) },
      ssh: { ...(raw["ssh"] as object), privateKey: Secret.of(KEY) },
      issuers: Object.fromEntries(issuers) as unknown,
    },
    problems,
    missingSecrets: "error",
    warn: () => undefined,
  };
}

function nodeNames(source: SettingsSource): string[] {
  return (source.raw["nodes"] as { name: string }[]).map((node) => node.name);
}

function releases(resources: readonly Registered[]): Registered[] {
  return resources.filter((resource) => resource.type === "kubernetes:helm.sh/v3:Release");
}

/** Nothing listens for the tests. */
const noWay = (): Promise<void> => Promise.resolve();

for (const stack of ["dev", "staging", "prod"]) {
  describe(`the whole program for ${stack}`, () => {
    for (const preview of [true, false]) {
      describe(preview ? "in a preview" : "in an update", () => {
        let resources: Registered[] = [];
        let outputs: Record<string, unknown> = {};
        before(async () => {
          ({ resources, outputs } = await run(() => groundwork(sourceOf(stack), undefined, noWay), { preview }));
        });

        it("registers four commands for every node", () => {
          const all = commands(resources);
          for (const name of nodeNames(sourceOf(stack))) {
            for (const step of ["-token", "-drain", "", "-ready"]) {
              assert.ok(all.has(`${name}${step}`), `${name}${step}`);
            }
          }
        });

        it("has no secret outside of secret inputs and outputs", () => {
          const plain = resources.flatMap((resource) => plainTexts(resource.inputs));
          assert.deepEqual(
            plain.filter((text) => SECRETS.test(text)),
            [],
          );
        });

        it("pins every release, under a name that stays", () => {
          assert.ok(releases(resources).length > 0);
          for (const { name, inputs } of releases(resources)) {
            assert.match(String(inputs["version"]), /^v?\d+\.\d+\.\d+$/, name);
            assert.equal(inputs["name"], name);
          }
        });

        it("names no resource twice", () => {
          const names = resources.map((resource) => `${resource.type} ${resource.name}`);
          assert.equal(new Set(names).size, names.length);
        });

        // Before the first up the kubeconfig is unknown, and so are the outputs as a whole.
        if (preview) return;
        it("tells who uses it where the cluster is", () => {
          assert.match(
            String(outputs["apiUrl"]),
            stack === "staging" ? /^https:\/\/127\.0\.0\.1:2\d{4}$/ : /^https:\/\/.*:6443$/,
          );
          assert.deepEqual(
            (outputs["nodes"] as { name: string }[]).map((node) => node.name).sort(),
            nodeNames(sourceOf(stack)).sort(),
          );
          assert.ok(Array.isArray(outputs["issuers"]) && outputs["issuers"].length > 0);
          assert.notEqual(outputs["defaultStorageClass"], "");
        });
      });
    }

    it("registers the same names in a preview and in an update", async () => {
      const names = async (preview: boolean): Promise<string[]> => {
        const { resources } = await run(() => groundwork(sourceOf(stack), undefined, noWay), { preview });
        return resources.map((resource) => `${resource.type} ${resource.name}`).sort();
      };
      assert.deepEqual(await names(true), await names(false));
    });
  });
}
