import { nameError } from "../../../azure/names";
import type { Request } from "../../kernel/operation";
import type { VaultRecord } from "../../kernel/vaultDirectory";
import { badParameter } from "../vaultErrors";
import { type ObjectKind, SEGMENTS } from "../vaultPermissions";

/** Returns the object name of a request (path parameter `name`). Throws 400 if it is invalid. */
export function nameOf(request: Request): string {
  const { name = "" } = request.params;
  if (nameError("vaultObject", name) === undefined) return name;
  throw badParameter(`The request URI contains an invalid name: ${name}`);
}

/** Returns the object version of a request (path parameter `version`): undefined for the latest. Throws 400 if it is invalid. */
export function versionOf(request: Request): string | undefined {
  const { version = "" } = request.params;
  if (version === "") return undefined;
  if (/^[0-9a-f]{32}$/i.test(version)) return version.toLowerCase();
  throw badParameter(`The request URI contains an invalid version: ${version}`);
}

/** `https://v.vault.azure.net/secrets/n[/version]` */
export function idOf(vault: VaultRecord, kind: ObjectKind, name: string, version?: string): string {
  const tail = version === undefined ? "" : `/${version}`;
  return `https://${vault.hostName}/${SEGMENTS[kind]}/${name}${tail}`;
}

/** `https://v.vault.azure.net/deletedsecrets/n` */
export const recoveryIdOf = (vault: VaultRecord, kind: ObjectKind, name: string): string =>
  `https://${vault.hostName}/deleted${SEGMENTS[kind]}/${name}`;
