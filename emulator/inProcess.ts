/** The package `@azure-iot-zero-touch/local-azure`: a local Azure in this process, for tests and for its command. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { rootCertificates } from "node:tls";
import { pino } from "pino";
import { clientVariables } from "./contract/clientVariables";
import type { InjectedFault } from "./contract/injectedFault";
import { CONTROL_TOKEN_HEADER, type Ready } from "./contract/ready";
import { startLocalAzure } from "./localAzure";

export type { InjectedFault } from "./contract/injectedFault";
export type { Ready } from "./contract/ready";

/** Options of {@link start}. */
export interface StartOptions {
  /** The folder of its state, which a later start continues. Default: a temporary one, which ends with it. */
  readonly directory?: string;
  /** Log level of pino on standard output. Default `silent`. */
  readonly logLevel?: "silent" | "error" | "warn" | "info";
}

/** A running local Azure. */
export interface RunningAzure {
  /** Addresses, tenant and credentials. */
  readonly ready: Ready;
  /** Variables that point clients at it: proxy, certificates, and a service principal for Azure's SDKs, az and Pulumi. */
  readonly environment: Readonly<Record<string, string>>;
  /** Resolves when something requests its end over the control listener. */
  readonly shutdownRequested: Promise<void>;
  /** Ends it; a temporary folder is removed. Can be called twice. */
  stop(): Promise<void>;
  /** Deletes all resources, devices and messages; faults and clock as at the start. */
  reset(): Promise<void>;
  /** Replaces the faults to inject. Errors: Error with the wrong member. */
  setFaults(faults: readonly InjectedFault[]): Promise<void>;
  /** Sets its clock this many seconds ahead of the machine's, negative for the past. */
  shiftClock(offsetSeconds: number): Promise<void>;
  /** The telemetry that a hub has received, oldest first. */
  telemetry(hub: string, options?: { readonly deviceId?: string }): Promise<readonly unknown[]>;
}

/** Starts a local Azure in this process. Errors: AlreadyRunningError and PortTakenError, with the remedy in the message. */
export async function start({ directory, logLevel = "silent" }: StartOptions = {}): Promise<RunningAzure> {
  // Absolute, because clients in other folders read the files that the environment names.
  const folder = directory === undefined ? mkdtempSync(join(tmpdir(), "local-azure-")) : resolve(directory);
  const { ready, shutdownRequested, close } = await startLocalAzure(folder, pino({ level: logLevel, base: null }));
  const bundle = join(folder, "ca", "bundle.pem");
  writeFileSync(bundle, `${rootCertificates.join("\n")}\n${readFileSync(ready.caFile, "utf8")}`);
  const control = async (method: "GET" | "POST", path: string, body?: object): Promise<unknown> => {
    const headers = { [CONTROL_TOKEN_HEADER]: ready.controlToken, "content-type": "application/json" };
    const response = await fetch(new URL(path, ready.controlUrl), { method, headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`The local Azure refuses ${method} ${path}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  return {
    ready,
    shutdownRequested,
    environment: environmentOf(ready, bundle),
    async stop() {
      await close();
      if (directory === undefined) rmSync(folder, { recursive: true, force: true });
    },
    async reset() {
      await control("POST", "/reset");
    },
    async setFaults(faults) {
      await control("POST", "/faults", { faults });
    },
    async shiftClock(offsetSeconds) {
      await control("POST", "/clock", { offsetSeconds });
    },
    async telemetry(hub, { deviceId } = {}) {
      const query = deviceId === undefined ? "" : `?deviceId=${encodeURIComponent(deviceId)}`;
      return ((await control("GET", `/hubs/${hub}/events${query}`)) as { readonly events: readonly unknown[] }).events;
    },
  };
}

function environmentOf(ready: Ready, bundle: string): Readonly<Record<string, string>> {
  const who = {
    TENANT_ID: ready.tenantId,
    SUBSCRIPTION_ID: ready.subscriptionId,
    CLIENT_ID: ready.clientId,
    CLIENT_SECRET: ready.clientSecret,
  };
  const both = Object.entries(who).flatMap(([name, value]) => [
    [`ARM_${name}`, value],
    [`AZURE_${name}`, value],
  ]);
  return {
    // The checkout's program and its stand-in for the azure-native plugin run only where both name the same cloud.
    ZERO_TOUCH_CLOUD: "local",
    ...clientVariables(ready, bundle),
    ...Object.fromEntries(both),
  };
}
