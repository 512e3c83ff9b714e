import type { Logger } from "pino";
import type { Clock } from "./clock";
import type { Database } from "./database";
import type { Ids } from "./ids";

/** Switches of the control listener. All are off by default. */
export interface Switches {
  /** Azure's throttles and service limits. */
  throttling: boolean;
  /** Azure's real delays: operations take a while, and Retry-After is 3 seconds as in Azure's documentation. */
  realDelays: boolean;
  /** Managed identity at the Instance Metadata Service: every process that can reach the proxy can sign in. */
  imds?: boolean;
}

/** What all services of the local Azure share. A service takes the ones it needs: `Pick<SharedDependencies, …>`. */
export interface SharedDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly switches: Switches;
  readonly log: Logger;
  /** The name or address by which clients reach the plain listeners, beside the loopback's. */
  readonly publicHost?: string;
}
