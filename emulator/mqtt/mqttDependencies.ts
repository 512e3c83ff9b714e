import type { DeviceApi } from "../hub/deviceApi";
import type { AdmitOperation, CallOperation } from "../kernel/callOperation";
import type { Request } from "../kernel/operation";

/** Dependencies of MQTT: the services behind HTTP, injected faults included. */
export interface MqttDependencies {
  /** Calls the operations of DPS's device API. */
  readonly callDps: CallOperation;
  /** Admits the operations of the hubs. */
  readonly admit: AdmitOperation;
  readonly devices: DeviceApi;
  /** Logs connections and refusals, without messages and passwords. */
  readonly log: (event: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** A client that sends CONNECT. */
export interface MqttClient {
  /** The host name in TLS (over WebSocket: in HTTP), lower case; empty if the client sent none. */
  readonly host: string;
  readonly clientId: string;
  readonly userName: string;
  readonly password: string | undefined;
  /** False: the client wants the subscriptions of its earlier connection. */
  readonly isClean: boolean;
  readonly will: Publication | undefined;
  /** The certificates presented in TLS: DER, leaf first. */
  readonly clientChain: () => readonly Buffer[];
  /** Whether the client reads what it is sent: false while much waits for it. */
  readonly reads: () => boolean;
  /**
   * Sends a message to a topic of a filter; returns false if the client has not subscribed to the filter. `received` runs when
   * the client has acknowledged it, or at once for QoS 0.
   */
  readonly send: (filter: string, message: OutgoingMessage) => boolean;
  /** Ends the connection. */
  readonly end: (reason: string) => void;
}

/** A message to a client. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly body: string | Buffer;
  /** Whether the client may have received it before. */
  readonly isRepeated?: boolean;
  readonly received?: () => void;
}

/** A message that a client publishes. */
export interface Publication {
  readonly topic: string;
  readonly body: Buffer;
  readonly retain: boolean;
}

/** An accepted connection. An error of any of its functions ends it. */
export interface MqttConnection {
  /** The filters of an earlier connection that the client is still subscribed to, with their QoS. Default: no session. */
  readonly kept?: ReadonlyMap<string, number>;
  /** Returns the granted QoS, or 128. */
  subscribe(filter: string, qos: number): number | Promise<number>;
  /** Called when the client knows that it is subscribed to a filter: again if it subscribes again. */
  subscribed?(filter: string): void;
  unsubscribe?(filter: string): Promise<void>;
  /** Processes a message; QoS 1 is acknowledged afterwards. Calls overlap. */
  receive(publication: Publication): Promise<void>;
  /** Called when the client reads again. */
  drained?(): void;
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
