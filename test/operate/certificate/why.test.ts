import assert from "node:assert/strict";
import { whyText } from "../../../cli/certificateText";
import type { CertificateObjects } from "../../../operate/certificate/objects";
import { certificatesNamed } from "../../../operate/certificate/read";
import { leftChallenges, whyAll, whyCertificate, type WhyNode } from "../../../operate/certificate/why";
import { plainPaint } from "../../../plan/render/paint";
import {
  certificate,
  MADE,
  challenge,
  clusterIssuer,
  ISSUING,
  NOTHING,
  NOW,
  order,
  READY,
  REGISTERED,
  request,
  waiting,
} from "./objects";

const why = (objects: CertificateObjects): WhyNode => whyCertificate(objects, objects.certificates[0]!, NOW);
const text = (objects: CertificateObjects, isNamed = false): string =>
  whyText(
    { trees: whyAll(objects, objects.certificates, NOW), left: leftChallenges(objects, NOW), isNamed },
    { paint: plainPaint, width: 100 },
  );

describe("why a certificate is not ready", () => {
  it("is one tree from the Certificate to the Challenge, with the likely remedy where it is stuck", () => {
    assert.equal(
      text(waiting("DNS update failed. Server replied: REFUSED")),
      `… Certificate shop/web (web.example.org; DoesNotExist; 12 min)
│ Issuing certificate as Secret does not exist
├─ ✓ ClusterIssuer letsencrypt (ACMEAccountRegistered; 28 d)
└─ … CertificateRequest web-1 (Pending; 12 min)
   │ Waiting on certificate issuance from order shop/web-1-1234: "pending"
   └─ … Order web-1-1234 (pending; 12 min)
      └─ … Challenge web-1-1234-5678 (DNS-01 for web.example.org; pending; 12 min)
           DNS update failed. Server replied: REFUSED
           → the name server knows the key and does not let it change this name: let its
           update-policy (BIND) or acl (Knot) grant TXT at _acme-challenge of this name to the key

1 of 1 certificate is not ready
`,
    );
  });

  it("counts the newest request only, and says when it is tried again", () => {
    const failed = {
      conditions: [
        {
          type: "Issuing",
          status: "False",
          reason: "Failed",
          message:
            'The certificate request has failed to complete and will be retried: Failed to wait for order resource "web-2-1234" to become ready: order is in "invalid" state: ',
        },
        {
          type: "Ready",
          status: "False",
          reason: "DoesNotExist",
          message: "Issuing certificate as Secret does not exist",
        },
      ],
      lastFailureTime: "2026-11-28T11:50:00Z",
      failedIssuanceAttempts: 3,
    };
    const objects = {
      ...waiting(""),
      certificates: [certificate("web", failed)],
      requests: [
        request("web", 10, {
          reason: "Failed",
          message: 'Failed to wait for order resource "web-10-1234" to become ready: order is in "invalid" state: ',
        }),
        request("web", 9, undefined),
      ],
      orders: [order("web-10", { state: "invalid" }), order("web-9", { state: "pending" })],
      challenges: [
        challenge(
          "web-10-1234",
          "Error accepting authorization: acme: authorization error for web.example.org: 403 urn:ietf:params:acme:error:caa: CAA record for web.example.org prevents issuance",
          { state: "invalid" },
        ),
      ],
    };
    const tree = why(objects);
    assert.equal(tree.state, "failed");
    assert.match(
      tree.message,
      /; 3 failed so far, the next try is at 2026-11-28T15:50:00Z, or at once by 'cmctl renew'$/,
    );
    assert.equal(tree.cause, undefined, "the order below says it itself");
    assert.deepEqual(
      tree.parts.map(({ name }) => name),
      ["letsencrypt", "web-10"],
    );
    const [found] = tree.parts[1]!.parts[0]!.parts;
    assert.deepEqual([found?.state, found?.cause], ["failed", "caa"]);
  });

  it("shows the issuer's own state, and tells of one that is missing or of the other kind", () => {
    const unregistered = clusterIssuer(
      "False",
      "ErrRegisterACMEAccount",
      'Failed to register ACME account: 400 urn:ietf:params:acme:error:invalidContact: Error validating contact(s) :: contact email has forbidden domain "example.org"',
    );
    const [issuer] = why({ ...waiting(""), clusterIssuers: [unregistered] }).parts;
    assert.deepEqual([issuer?.state, issuer?.cause], ["failed", "email"]);

    const [missing] = why({ ...waiting(""), clusterIssuers: [] }).parts;
    assert.deepEqual([missing?.state, missing?.cause], ["missing", "issuer-missing"]);
    assert.match(missing?.remedy ?? "", /an Issuer counts in its own namespace only/);

    const asIssuer = certificate("web", ISSUING, { name: "letsencrypt" });
    const [other] = why({ ...NOTHING, certificates: [asIssuer], clusterIssuers: [REGISTERED] }).parts;
    assert.equal(other?.kind, "Issuer");
    assert.match(other?.remedy ?? "", /write 'kind: ClusterIssuer' in the Certificate's issuerRef/);
  });

  it("shows a ready certificate in a line, and what a renewal of it waits for", () => {
    const ready = {
      ...NOTHING,
      certificates: [certificate("web", READY)],
      clusterIssuers: [REGISTERED],
      requests: [
        request("web", 1, {
          status: "True",
          reason: "Issued",
          message: "Certificate fetched from issuer successfully",
        }),
      ],
    };
    assert.equal(
      text(ready, true),
      `✓ Certificate shop/web (web.example.org; Ready; 12 min)
  valid until 2027-02-26T11:00:00Z, renewed from 2027-01-27T11:00:00Z on
`,
    );
    const renewing = {
      ...waiting("DNS update failed: dns: bad signature"),
      certificates: [
        certificate("web", {
          ...READY,
          conditions: [...READY.conditions, { type: "Issuing", status: "True", reason: "Renewing" }],
        }),
      ],
    };
    assert.equal(why(renewing).state, "ready");
    assert.equal(why(renewing).parts[1]?.parts[0]?.parts[0]?.cause, "tsig-signature");
  });

  it("puts what is not ready first, and says in one line that all are", () => {
    const objects = { ...waiting(""), certificates: [certificate("a", READY), certificate("web", ISSUING)] };
    assert.deepEqual(
      whyAll(objects, objects.certificates, NOW).map(({ name }) => name),
      ["web", "a"],
    );
    assert.match(text(objects), /\n1 of 2 certificates is not ready\n$/);
    const well = {
      ...NOTHING,
      certificates: [certificate("a", READY), certificate("b", READY)],
      clusterIssuers: [REGISTERED],
    };
    assert.equal(text(well), "all 2 certificates are ready\n");
    assert.equal(text(NOTHING), "there are no certificates\n");
  });

  it("shows challenges that hang after their certificate is gone", () => {
    const left = challenge("web-1-1234", "DNS update failed: dns: bad signature", { deleted: MADE });
    const said = text({ ...NOTHING, challenges: [left] });
    assert.match(said, /^✗ Challenge web-1-1234-5678 \(DNS-01 for web\.example\.org; being deleted; 12 min\)$/m);
    assert.match(said, /kubectl -n shop patch challenges\.acme\.cert-manager\.io/);
    assert.match(said, /there are no certificates\n$/);
  });

  it("says whether cert-manager takes it up at all", () => {
    const silent = certificate("web", {});
    assert.match(why({ ...NOTHING, certificates: [silent] }).message, /cert-manager has not taken it up/);
    const now = { ...silent, metadata: { ...silent.metadata, creationTimestamp: "2026-11-28T11:59:55Z" } };
    assert.equal(why({ ...NOTHING, certificates: [now] }).message, "it was made just now");
  });

  it("names the certificates that there are where the one that was asked for is not", () => {
    const objects = { ...NOTHING, certificates: [certificate("web", READY)] };
    assert.equal(certificatesNamed(objects, { name: "web", namespace: undefined }).length, 1);
    assert.throws(() => certificatesNamed(objects, { name: "web", namespace: "x" }), {
      message: "there is no Certificate 'web' in namespace x",
      remedy: "there are: shop/web",
    });
  });
});
