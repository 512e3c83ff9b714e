/** What an MQTT connection is made of, whatever service is behind it. */

/** CONNACK return codes (MQTT 3.1.1, table 3.1). */
export const CONNACK = Object.freeze({
  accepted: 0,
  unacceptableProtocol: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
});

/** SUBACK: the subscription is refused. */
export const REFUSED = 128;

/** A client that wants to connect. */
export interface Visitor {
  /** Host name that it named in TLS (or in HTTP, by WebSocket), lower case; empty when it named none. */
  readonly host: string;
  readonly clientId: string;
  readonly userName: string;
  /** Text of the password, undefined when there is none. */
  readonly password: string | undefined;
  readonly will: Publication | undefined;
  /** Its certificates as presented in TLS, DER, leaf first. */
  readonly clientChain: () => readonly Buffer[];
  /** Sends it a message; nothing is sent that it has not subscribed to. */
  readonly send: (topic: string, body: string) => void;
  /** Ends its connection. */
  readonly end: (reason: string) => void;
}

/** A message that a client publishes. */
export interface Publication {
  readonly topic: string;
  readonly body: Buffer;
  readonly retain: boolean;
}

/** A client that may not connect. */
export class ConnectRefused extends Error {
  override readonly name = "ConnectRefused";

  /** `code` is CONNACK's; the reason goes to the log alone, MQTT 3.1.1 has no place for it. */
  constructor(
    readonly code: number,
    reason: string,
  ) {
    super(reason);
  }
}

/** A connection that stands. */
export interface Link {
  /** Which QoS a subscription is granted, or 128. */
  subscribe(topic: string, qos: number): number;
  /** Takes a message; QoS 1 is acknowledged when it is done. What it throws ends the connection. */
  receive(publication: Publication): Promise<void>;
  /** The connection is gone; `clean` when the client said so. */
  closed(clean: boolean): Promise<void>;
}

/** A service that speaks MQTT. Throws ConnectRefused. */
export type Endpoint = (visitor: Visitor) => Promise<Link>;
