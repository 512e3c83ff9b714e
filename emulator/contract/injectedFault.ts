/** A response or a delay in place of a service's own behavior. */
export interface InjectedFault {
  /** The service's name, for example `arm`, `dps-service`, `dps-device`, `hub`, `key-vault`. */
  readonly service: string;
  /** The operation's name, for example `DpsCertificate_Get`; default: any operation of the service. */
  readonly operation?: string;
  /** HTTP status of the response. Default: none, and the request continues after the delay. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** How many requests it hits. Default 1. */
  readonly times?: number;
  /** Milliseconds before the response. Default 0. */
  readonly delayMs?: number;
}
