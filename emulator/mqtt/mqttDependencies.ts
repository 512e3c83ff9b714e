import type { DeviceKey } from "../kernel/deviceKey";
import type { Request, Response } from "../kernel/operation";
import type { ServiceDefinition } from "../kernel/service";

/** Dependencies of MQTT: the services behind HTTP, injected faults included. */
export interface MqttDependencies {
  readonly dpsDevice: ServiceDefinition;
  readonly hub: ServiceDefinition;
  readonly authenticate: Authenticate;
  /** Logs connections and refusals, without messages and passwords. */
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
  /** Logs internal errors. */
  readonly failed: (service: string, error: unknown) => void;
}

/** Throws a WireError unless the request's certificate or signature is that of the device or module. */
export type Authenticate = (request: Request, key: DeviceKey) => unknown;

/** Calls an operation of the device API as over HTTPS, with the same errors. */
export type CallOperation = (operation: string, request: Request) => Promise<Response>;

/** A client that sends CONNECT. */
export interface MqttClient {
  /** The host name in TLS (over WebSocket: in HTTP), lower case; empty if the client sent none. */
  readonly host: string;
  readonly clientId: string;
  readonly userName: string;
  readonly password: string | undefined;
  readonly will: Publication | undefined;
  /** The certificates presented in TLS: DER, leaf first. */
  readonly clientChain: () => readonly Buffer[];
  /** Sends a message if the client has subscribed to the topic. */
  readonly send: (topic: string, body: string) => void;
  /** Ends the connection. */
  readonly end: (reason: string) => void;
}

/** A message that a client publishes. */
export interface Publication {
  readonly topic: string;
  readonly body: Buffer;
  readonly retain: boolean;
}

/** An accepted connection. */
export interface MqttConnection {
  /** Returns the granted QoS, or 128. */
  subscribe(topic: string, qos: number): number;
  /** Processes a message; QoS 1 is acknowledged afterwards. An error ends the connection. */
  receive(publication: Publication): Promise<void>;
  /** Called when the connection is closed; `clean` after a DISCONNECT. */
  closed(clean: boolean): Promise<void>;
}

/** Connects clients to a service. Throws ConnectRefused. */
export type MqttEndpoint = (client: MqttClient) => Promise<MqttConnection>;

/** Returns the request of a client's device to an operation of the device API. */
export const deviceRequest = (
  { password, clientChain }: MqttClient,
  apiVersion: string,
  request: Pick<Request, "method" | "host" | "path" | "params"> & Partial<Request>,
): Request => ({
  query: new Map([["api-version", apiVersion]]),
  headers: { authorization: password },
  body: undefined,
  raw: Buffer.alloc(0),
  clientChain,
  ...request,
});
