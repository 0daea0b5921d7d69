import * as assert from "node:assert/strict";
import { errors, stack } from "../../config/fixtures";

describe("values of a chart", () => {
  it("do not contradict the settings that decide them", () => {
    const values = { persistence: { defaultClass: true }, defaultSettings: { defaultDataPath: "/var/lib/longhorn" } };
    assert.deepEqual(errors(stack({ storage: { localPath: { default: true }, longhorn: { values } } })), [
      "storage.longhorn.values.persistence.defaultClass: true is not what storage.longhorn.default says (false); write it there and leave it out of values",
    ]);
    const ingress = { controller: "ingress-nginx", values: { controller: { service: { type: "NodePort" } } } };
    assert.deepEqual(errors(stack({ ingress, k3s: { disable: ["traefik"] } })), [
      'ingress.values.controller.service.type: "NodePort" is not what ingress.serviceType says ("LoadBalancer"); write it there and leave it out of values',
    ]);
  });

  it("may say the same, and anything else", () => {
    const values = { persistence: { defaultClass: true }, longhornUI: { replicas: 1 } };
    assert.deepEqual(errors(stack({ storage: { longhorn: { default: true, values } } })), []);
  });
});
