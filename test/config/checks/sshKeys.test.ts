import * as assert from "node:assert/strict";
import { utils } from "ssh2";
import { hostKeyProblem, privateKeyProblem } from "../../../config/checks/sshKeys";
import { hostKeys } from "../fixtures";

const pair = utils.generateKeyPairSync("ed25519");

describe("hostKeyProblem", () => {
  it("takes keys of every kind that servers have, with a comment or without", () => {
    for (const key of hostKeys) assert.equal(hostKeyProblem(key), undefined);
    assert.equal(hostKeyProblem(`${pair.public} root@s1`), undefined);
    assert.equal(hostKeyProblem(utils.generateKeyPairSync("ecdsa", { bits: 256 }).public), undefined);
    assert.equal(hostKeyProblem(utils.generateKeyPairSync("rsa", { bits: 2048 }).public), undefined);
  });

  it("finds a key that was cut, mixed up or turned into something else", () => {
    const [type = "", key = ""] = pair.public.split(" ");
    assert.match(hostKeyProblem(`ssh-rsa ${key}`) ?? "", /^is damaged/);
    assert.match(hostKeyProblem(`${type} ${key.slice(0, 20)}`) ?? "", /^is damaged/);
    assert.match(hostKeyProblem(`${type} not-base64`) ?? "", /^is damaged/);
    assert.match(hostKeyProblem(`${hostKeys[0]}\n${hostKeys[1]}`) ?? "", /more than one line/);
    assert.match(hostKeyProblem("") ?? "", /is not a public host key/);
  });
});

describe("privateKeyProblem", () => {
  it("takes a key as ssh-keygen writes it", () => {
    assert.equal(privateKeyProblem(pair.private, false), undefined);
    assert.equal(privateKeyProblem(`${pair.private}\n`, false), undefined);
  });

  it("asks for the passphrase of an encrypted key, in OpenSSH's format too", () => {
    const encrypted = utils.generateKeyPairSync("ed25519", {
      passphrase: "x",
      cipher: "aes256-ctr",
      rounds: 4,
    }).private;
    assert.equal(privateKeyProblem(encrypted, false), "is encrypted; set ssh.privateKeyPassphrase too");
    assert.equal(privateKeyProblem(encrypted, true), undefined);
  });
});
