/**
 * Access of the handlers to Azure, time and log. Tests pass a fake; the real one loads its clients on first use, because
 * a preview calls check and diff only and must not wait for the Azure SDK.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

type Clients = typeof import("./azureClients")["azureClients"];

/** All clients and services that handlers use; each handler takes a `Pick` of it. */
export interface AzureGateway extends Clients {
  now(): Date;
  /** Logs a message, which the engine shows with its own, also in previews. */
  log(message: string): void;
  /** A new UUID. */
  newId(): string;
  /** Lets time pass, in milliseconds. */
  pause(milliseconds: number): Promise<void>;
}

const clients = (): Clients => (require("./azureClients") as typeof import("./azureClients")).azureClients;

/** Azure as the environment shows it: proxy, roots and credentials from environment variables. */
export const liveGateway: AzureGateway = {
  now: () => new Date(),
  log(message) {
    // The engine shows what a provider prints.
    process.stdout.write(`${message}\n`);
  },
  newId: () => randomUUID(),
  pause: (milliseconds) => pause(milliseconds),
  certificate: (...of) => clients().certificate(...of),
  provisioningService: (...of) => clients().provisioningService(...of),
  enrollmentGroup: (...of) => clients().enrollmentGroup(...of),
  individualEnrollment: (...of) => clients().individualEnrollment(...of),
  enrollmentList: (...of) => clients().enrollmentList(...of),
  registrationRecord: (...of) => clients().registrationRecord(...of),
  identity: (...of) => clients().identity(...of),
  twins: (...of) => clients().twins(...of),
  vaultKeys: (...of) => clients().vaultKeys(...of),
  vaultSecrets: (...of) => clients().vaultSecrets(...of),
  vaultCertificates: (...of) => clients().vaultCertificates(...of),
  vault: (...of) => clients().vault(...of),
  deletedVault: (...of) => clients().deletedVault(...of),
  iotHub: (...of) => clients().iotHub(...of),
  readMessages: (...of) => clients().readMessages(...of),
  asDevice: (...of) => clients().asDevice(...of),
};
