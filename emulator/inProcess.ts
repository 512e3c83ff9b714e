/** The package `@azure-iot-zero-touch/local-azure`: a local Azure in this process, for tests and for its command. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { rootCertificates } from "node:tls";
import { pino } from "pino";
import { clientEnvironment } from "./clientEnvironment";
import type { InjectedFault } from "./contract/injectedFault";
import type { Ready } from "./contract/ready";
import type { ListenOptions } from "./listenOptions";
import { startLocalAzure } from "./localAzure";
import { LocalClient } from "./localClient";
import {
  createHub,
  createProvisioningService,
  type StarterHub,
  type StarterProvisioningService,
} from "./starterResources";

export type { InjectedFault } from "./contract/injectedFault";
export type { Ready } from "./contract/ready";
export type { ListenOptions } from "./listenOptions";
export type { StarterHub, StarterProvisioningService } from "./starterResources";

/** Options of {@link start}. */
export interface StartOptions extends ListenOptions {
  /** The folder of its state, which a later start continues. Default: a temporary one, which ends with it. */
  readonly directory?: string;
  /** Log level of pino on standard error. Default `silent`. */
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
  /** Creates an IoT hub, or returns the one of this name. */
  createHub(name: string): Promise<StarterHub>;
  /** Creates a provisioning service that is linked to hubs, or returns the one of this name. */
  createProvisioningService(name: string, ...hubs: readonly StarterHub[]): Promise<StarterProvisioningService>;
  /** Replaces the faults to inject. Errors: Error with the wrong member. */
  setFaults(faults: readonly InjectedFault[]): Promise<void>;
  /** Sets its clock this many seconds ahead of the machine's, negative for the past. */
  shiftClock(offsetSeconds: number): Promise<void>;
  /** The telemetry that a hub has received, oldest first. */
  telemetry(hub: string, options?: { readonly deviceId?: string }): Promise<readonly unknown[]>;
}

/**
 * Starts a local Azure in this process. It does not keep the process running: a test that fails before it can call `stop`
 * still ends. Errors: AlreadyRunningError and PortTakenError, with the remedy in the
 * message.
 */
export async function start({ directory, logLevel = "silent", ...listen }: StartOptions = {}): Promise<RunningAzure> {
  // Absolute, because clients in other folders read the files that the environment names.
  const folder = directory === undefined ? mkdtempSync(join(tmpdir(), "local-azure-")) : resolve(directory);
  const remove = () => {
    process.off("exit", remove);
    if (directory === undefined) rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", remove);
  const started = startLocalAzure(folder, pino({ level: logLevel, base: null }, pino.destination(2)), listen);
  const { ready, shutdownRequested, unref, close } = await started.catch((error: unknown) => {
    remove();
    throw error;
  });
  unref();
  const bundle = join(folder, "ca", "bundle.pem");
  writeFileSync(bundle, `${rootCertificates.join("\n")}\n${readFileSync(ready.caFile, "utf8")}`);
  const client = new LocalClient(ready, listen.host);
  return {
    ready,
    shutdownRequested,
    environment: clientEnvironment(ready, bundle),
    async stop() {
      await close();
      remove();
    },
    async reset() {
      await client.control("POST", "/reset");
    },
    createHub: (name) => createHub(client, name),
    createProvisioningService: (name, ...hubs) => createProvisioningService(client, name, hubs),
    async setFaults(faults) {
      await client.control("POST", "/faults", { faults });
    },
    async shiftClock(offsetSeconds) {
      await client.control("POST", "/clock", { offsetSeconds });
    },
    async telemetry(hub, { deviceId } = {}) {
      const query = deviceId === undefined ? "" : `?deviceId=${encodeURIComponent(deviceId)}`;
      const path = `/hubs/${encodeURIComponent(hub)}/events${query}`;
      return ((await client.control("GET", path)) as { readonly events: readonly unknown[] }).events;
    },
  };
}
