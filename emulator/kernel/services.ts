import type { Logger } from "pino";
import type { Clock } from "./clock";
import type { Database } from "./database";
import type { Ids } from "./ids";

/** Switches on the control listener. Both are off by default: a run on a laptop should not wait. */
export interface Switches {
  /** Azure's throttles and service limits. */
  throttling: boolean;
  /** Azure's real-life delays: operations run for a while, and Retry-After says 3 seconds as the documents show. */
  realDelays: boolean;
  /** Managed identity at the Instance Metadata Service: every process that can reach the proxy may sign in. */
  imds?: boolean;
}

/** What every part of the local Azure stands on. An operation takes the ones it needs: `Pick<Services, …>`. */
export interface Services {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly switches: Switches;
  readonly log: Logger;
}
