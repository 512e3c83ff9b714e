/** CONNACK return codes (MQTT 3.1.1, table 3.1). */
export const CONNACK = Object.freeze({
  accepted: 0,
  unacceptableProtocol: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
});

/** SUBACK return code of a refused subscription. */
export const SUBACK_FAILURE = 128;

/** A refused CONNECT. */
export class ConnectRefused extends Error {
  override readonly name = "ConnectRefused";

  readonly code: number;

  /** The reason is only logged: MQTT 3.1.1 has no field for it. */
  constructor(code: keyof typeof CONNACK, reason: string) {
    super(reason);
    this.code = CONNACK[code];
  }
}
