import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { openStack } from "groundwork/automation";
import { clusterService } from "./clusterService.js";

/** A secret from a file, so that it is in no environment and no argument. */
function secretFrom(variable) {
  const file = process.env[variable];
  if (file === undefined) throw new Error(`set ${variable} to the file that it is in`);
  return readFileSync(file, "utf8").trim();
}

const privateKey = secretFrom("SSH_KEY_FILE");
const passphrase = secretFrom("PASSPHRASE_FILE");
const service = clusterService({
  token: secretFrom("TOKEN_FILE"),
  // Who asks says which machines; how they are reached, and where the state is, the service says.
  open: (name, settings) =>
    openStack({
      name,
      settings: settings && { ...settings, ssh: { ...settings.ssh, privateKey } },
      backendUrl: process.env.BACKEND_URL,
      passphrase,
    }),
});
const port = Number(process.env.PORT ?? 8080);
createServer(service).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/clusters/NAME`));
