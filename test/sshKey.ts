import { utils } from "ssh2";

export interface SshKeyPair {
  readonly public: string;
  readonly private: string;
}

/** A new ed25519 key. One in 150 that ssh2 makes is one that nobody reads, ssh2 included. */
export function ed25519Key(): SshKeyPair {
  for (;;) {
    const pair = utils.generateKeyPairSync("ed25519");
    if (!(utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
