import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { completeFleets, fleetsSchema } from "../../service/settings/fleetSettings";
import { completeIssuers, issuersSchema } from "../../service/settings/issuerSettings";
import { ROOT } from "./markdown";

const shown = [
  ...readFileSync(join(ROOT, "docs/service.md"), "utf8").matchAll(/^```yaml\n(# service.yaml\n[\s\S]*?)^```$/gm),
].map(([, text = ""]) => parse(text) as { readonly oidc?: unknown; readonly fleets?: unknown });

describe("the service's chapter", () => {
  const stacks = ["dev", "staging", "prod", "shop-a", "shop-b", "prod-a"];

  it("shows issuers and fleets that the service takes", () => {
    const issuers = shown.flatMap(({ oidc }) => (oidc === undefined ? [] : [issuersSchema.parse(oidc)]));
    const fleets = shown.flatMap(({ fleets: given }) => (given === undefined ? [] : [fleetsSchema.parse(given)]));
    assert.deepEqual([issuers.length, fleets.length], [1, 1]);
    for (const each of issuers) assert.deepEqual(completeIssuers(each, new Set(stacks)).problems, []);
    for (const each of fleets) assert.deepEqual(completeFleets(each, stacks).problems, []);
  });
});
