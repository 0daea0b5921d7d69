import * as assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { utils } from "ssh2";
import { hasPassphrase, hostKeyProblem, privateKeyProblem } from "../../../config/checks/sshKeys";
import { hostKeys } from "../fixtures";
import { ed25519Key } from "../../sshKey";

const pair = ed25519Key();

const aboutHostKey = (text: string): string | undefined => {
  const found = hostKeyProblem(text, "ssh-keyscan s1");
  return found && `${found.problem}; ${found.remedy}`;
};

const aboutPrivateKey = (text: string): string | undefined => {
  const found = privateKeyProblem(text, "pulumi config set");
  return found && `${found.problem}; ${found.remedy}`;
};

describe("hostKeyProblem", () => {
  it("takes keys of every kind that servers have, with a comment or without", () => {
    for (const key of hostKeys) assert.equal(aboutHostKey(key), undefined);
    assert.equal(aboutHostKey(`${pair.public} root@s1`), undefined);
    assert.equal(aboutHostKey(utils.generateKeyPairSync("ecdsa", { bits: 256 }).public), undefined);
  });

  it("refuses an RSA key, with or without a name before it, and names ed25519", () => {
    const key = utils.generateKeyPairSync("rsa", { bits: 2048 }).public;
    const expected =
      "is an ssh-rsa key, with which no connection comes about (no common algorithm); " +
      "write the ed25519 one; print it with: ssh-keyscan s1";
    assert.equal(aboutHostKey(key), expected);
    assert.equal(aboutHostKey(`10.0.0.11 ${key}`), expected);
  });

  it("finds a key that was cut, mixed up or turned into something else", () => {
    const [type = "", key = ""] = pair.public.split(" ");
    assert.match(aboutHostKey(`ecdsa-sha2-nistp256 ${key}`) ?? "", /^is damaged/);
    assert.match(aboutHostKey(`${type} ${key.slice(0, 20)}`) ?? "", /^is damaged/);
    assert.match(aboutHostKey(`${type} not-base64`) ?? "", /^is damaged/);
    assert.match(aboutHostKey(`${hostKeys[0]}\n${hostKeys[1]}`) ?? "", /more than one line/);
    assert.match(aboutHostKey("") ?? "", /is not a public host key/);
  });
});

describe("privateKeyProblem", () => {
  it("takes keys as ssh-keygen and openssl write them, whatever the line ends", () => {
    const pem = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    }).privateKey;
    const crlf = pair.private.replaceAll("\n", "\r\n");
    for (const key of [pair.private, `\n${pair.private}\n`, crlf, pem, pem.replaceAll("PRIVATE", "EC PRIVATE")]) {
      assert.equal(aboutPrivateKey(key), undefined);
    }
  });

  it("finds line breaks that became spaces, were written out or are missing", () => {
    const expected = "is on one line: its line breaks became something else; set the whole file: pulumi config set";
    for (const other of [" ", "\\n", ""]) {
      assert.equal(aboutPrivateKey(pair.private.trim().replaceAll("\n", other)), expected);
    }
  });

  it("finds an indented key, also where only the last line is", () => {
    const expected = "is indented, and its first and last line must not be; set the whole file: pulumi config set";
    const indented = pair.private.trim().replaceAll(/^/gm, "  ");
    assert.equal(aboutPrivateKey(indented), expected);
    assert.equal(aboutPrivateKey(indented.trim()), expected);
  });

  it("refuses an encrypted key in the form of PKCS #8, with the command that converts it", () => {
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" },
    });
    assert.equal(
      aboutPrivateKey(privateKey),
      "is encrypted in the form of PKCS #8, which is not read here; " +
        "convert it with 'ssh-keygen -p -f KEY', which asks for its passphrase, and set it again",
    );
  });
});

describe("hasPassphrase", () => {
  it("is seen in OpenSSH's format and in PEM", () => {
    const passphrase = { passphrase: "x", cipher: "aes256-ctr", rounds: 4 };
    const pem = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs1", format: "pem", cipher: "aes-128-cbc", passphrase: "x" },
    }).privateKey;
    assert.equal(hasPassphrase(pair.private), false);
    assert.equal(hasPassphrase(utils.generateKeyPairSync("ed25519", passphrase).private), true);
    assert.equal(hasPassphrase(pem), true);
  });
});
