import type { LinkRoute } from "./linkRoutes";
import type { TpmExchange } from "./provisioning/tpmMechanism";

/** A client that opens a connection. */
export interface AmqpClient {
  /** The host name in TLS (over WebSocket: in HTTP), lower case; without TLS that of AMQP's `open`. */
  readonly host: string;
  /** The certificates presented in TLS: DER, leaf first. */
  readonly clientChain: () => readonly Buffer[];
  /** Ends the connection with an error, for example `amqp:connection:forced` where a newer one replaces it. */
  readonly close: (condition: string, description: string) => void;
}

/** What a connection offers: the nodes to which its client attaches links. */
export interface AmqpContainer {
  readonly links: readonly LinkRoute[];
  /** Whether SASL PLAIN's user name and password are right. Default: PLAIN is refused. */
  authenticate?(userName: string, password: string): boolean;
  /** The exchange with a TPM in SASL. Default: every TPM is refused. */
  readonly tpm?: TpmExchange;
  /** The connection has ended, however it did. Its links have been closed. */
  closed?(): void;
}

/**
 * Makes the container of a connection: one for each client, so that what it has proved (SASL, CBS, certificate) stays in
 * its closure. Throws AmqpError where the host has none.
 */
export type AmqpEndpoint = (client: AmqpClient) => AmqpContainer;

/** Dependencies of AMQP. */
export interface AmqpDependencies {
  /** By the service at a host (`azureHost`). `local` is the listener without TLS, as the emulator of Event Hubs has one. */
  readonly endpoints: Readonly<Partial<Record<"hub" | "dps" | "dpsDevice" | "eventHubs" | "local", AmqpEndpoint>>>;
  /** Logs connections and refusals, without messages and tokens. */
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
  /** Logs internal errors. */
  readonly failed: (service: string, error: unknown) => void;
}
