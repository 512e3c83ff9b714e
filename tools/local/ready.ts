import { readFileSync } from "node:fs";
import { join } from "node:path";
import { alive } from "../bootstrap/lock.cjs";

/** What the local Azure writes, readable by its owner only, once it listens. */
export interface Ready {
  readonly pid: number;
  readonly version: string;
  /** CONNECT proxy in front of Azure's names, `http://127.0.0.1:port`. */
  readonly proxyUrl: string;
  /** Control listener, `http://127.0.0.1:port`. */
  readonly controlUrl: string;
  /** `127.0.0.1:port`, TLS. */
  readonly metadataHost: string;
  /** Secret of this run, asked for by everything on the control listener that changes something. */
  readonly controlToken: string;
  /** PEM file of the local CA. */
  readonly caFile: string;
  /** Managed identity and GitHub's identity tokens, `http://127.0.0.1:port`. */
  readonly machineUrl: string;
  /** What those two are asked with. */
  readonly identitySecret: string;
  /** PEM file with the application's client certificate and its private key. */
  readonly clientCertificateFile: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly objectId: string;
}

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
  if (typeof value !== "object" || value === null) return undefined;
  const record = value as Record<string, unknown>;
  const pid = record.pid;
  if (typeof pid !== "number" || !Number.isInteger(pid) || pid <= 0) return undefined;
  if (!TEXTS.every((name) => typeof record[name] === "string" && record[name] !== "")) return undefined;
  return record as unknown as Ready;
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
