import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../../azure/wire/jsonObject";
import { alive } from "../../bootstrap/lock.cjs";
import type { Ready } from "../../emulator/contract/ready";

export type { Ready };

const TEXTS = [
  "version",
  "proxyUrl",
  "controlUrl",
  "metadataHost",
  "controlToken",
  "caFile",
  "machineUrl",
  "identitySecret",
  "clientCertificateFile",
  "tenantId",
  "subscriptionId",
  "clientId",
  "clientSecret",
  "objectId",
] as const satisfies readonly (keyof Ready)[];

/** Path of ready.json under the local Azure's folder. */
export function readyFile(azure: string): string {
  return join(azure, "ready.json");
}

/** Reads the text of a ready.json; undefined for anything that is not whole (another version's, half a file). */
export function parseReady(text: string): Ready | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { pid } = value;
  if (typeof pid !== "number" || !Number.isInteger(pid) || pid <= 0) return undefined;
  if (!TEXTS.every((name) => typeof value[name] === "string" && value[name] !== "")) return undefined;
  return value as unknown as Ready;
}

/** The ready.json of a process that is alive; undefined when there is none, or it was left by a dead process. */
export function readReady(azure: string, isAlive: (pid: number) => boolean = alive): Ready | undefined {
  let text: string;
  try {
    text = readFileSync(readyFile(azure), "utf8");
  } catch {
    return undefined;
  }
  const ready = parseReady(text);
  return ready !== undefined && isAlive(ready.pid) ? ready : undefined;
}
