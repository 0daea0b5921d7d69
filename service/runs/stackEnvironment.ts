import type { Environment } from "../../process/run";
import type { ServedStack } from "../settings/serviceFile";

/** What a program needs to find a stack: what the service was started with, and where the stack is. Secrets come by files alone. */
export function stackEnvironment({ backendUrl, passphraseFile, pulumiHome }: ServedStack): Environment {
  return {
    // eslint-disable-next-line no-restricted-properties -- it is handed on as the service got it
    ...process.env,
    PULUMI_BACKEND_URL: backendUrl,
    ...(passphraseFile === undefined
      ? {}
      : { PULUMI_CONFIG_PASSPHRASE: undefined, PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile }),
    ...(pulumiHome === undefined ? {} : { PULUMI_HOME: pulumiHome }),
  };
}
