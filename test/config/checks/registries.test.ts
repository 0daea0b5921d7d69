import * as assert from "node:assert/strict";
import { Secret } from "../../../config/secret";
import { errors, stack, warnings } from "../fixtures";

const registries = (given: object): Record<string, unknown> => stack({ k3s: { registries: given } });
const secret = Secret.sealed();

describe("registries", () => {
  it("are taken as k3s has them", () => {
    const raw = registries({
      mirrors: {
        "docker.io": { endpoint: ["https://mirror.example.org:5000"], rewrite: { "^(.*)": "hub/$1" } },
        "*": {},
      },
      configs: {
        "mirror.example.org:5000": { auth: { username: secret, password: secret }, tls: { ca_file: "/etc/ssl/m.crt" } },
        "other.example.org": { auth: { auth: secret } },
      },
    });
    assert.deepEqual([...errors(raw), ...warnings(raw)], []);
  });

  it("have no credential in plain text", () => {
    assert.deepEqual(errors(registries({ configs: { "a.example.org": { auth: { auth: "YTpi" } } } })), [
      "k3s.registries.configs[\"a.example.org\"].auth.auth: is not an encrypted text; set it with 'pulumi config set --secret --path'",
    ]);
  });

  it("have mirrors that are URLs, without credentials in them", () => {
    assert.deepEqual(
      errors(
        registries({
          mirrors: { "docker.io": { endpoint: ["mirror.example.org:5000", "https://u:p@m.example.org"] } },
        }),
      ),
      [
        'k3s.registries.mirrors["docker.io"].endpoint[0]: mirror.example.org:5000 is not a URL; write it with its scheme, e.g. https://mirror.example.org:5000',
        'k3s.registries.mirrors["docker.io"].endpoint[1]: has a user or a password in it, for everybody to read; make new ones, and set them as secrets under k3s.registries.configs',
      ],
    );
  });

  it("are warned about when credentials go in plain text", () => {
    const raw = registries({
      mirrors: { "docker.io": { endpoint: ["http://m.example.org:5000"] } },
      configs: { "m.example.org:5000": { auth: { auth: secret } } },
    });
    assert.deepEqual(warnings(raw), [
      'k3s.registries.mirrors["docker.io"].endpoint[0]: is not encrypted, and nodes send their credentials there; write https://',
    ]);
  });

  it("have no half of what works as a whole only", () => {
    assert.deepEqual(
      errors(
        registries({ configs: { "a.example.org": { auth: { password: secret }, tls: { cert_file: "client.crt" } } } }),
      ),
      [
        'k3s.registries.configs["a.example.org"].auth.username: is missing, and password alone does not log in; set it, or take password out',
        'k3s.registries.configs["a.example.org"].tls.key_file: is missing, and cert_file alone does not log in; set it, or take cert_file out',
        'k3s.registries.configs["a.example.org"].tls.cert_file: client.crt is not a path on the nodes; write it from the root on, e.g. /etc/ssl/registry.crt',
      ],
    );
  });

  it("stand in one file", () => {
    const raw = stack({ k3s: { registries: {}, agent: { "private-registry": "/etc/r.yaml" } } });
    assert.deepEqual(errors(raw), [
      "k3s.agent.private-registry: names another file than k3s.registries writes; remove one of the two",
    ]);
  });
});
