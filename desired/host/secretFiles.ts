import type { Settings } from "../../config/settings";
import type { NodePlace } from "../place";
import { environmentFile } from "./environment";
import { secretGivenFiles } from "./givenFiles";
import type { SecretFile } from "./hostFile";
import { registriesFile } from "./registries";

/** The secret files of one node. */
export function secretFiles(settings: Settings, place: NodePlace): SecretFile[] {
  return [
    ...[registriesFile(settings, place), environmentFile(settings, place)].flatMap((file) => file ?? []),
    ...secretGivenFiles(settings, place),
  ];
}
