import type { LatencyStore } from "../dps/allocation/latencyStore";
import type { Application } from "../entra/application";
import type { OidcIssuer } from "../entra/oidcIssuer";
import type { StorageSetting } from "../front/azurite";
import type { EventReader } from "../hub/hubService";
import type { ShiftableClock } from "../kernel/clock";
import type { SharedDependencies } from "../kernel/sharedDependencies";
import type { FaultInjector } from "./faultInjector";

/** What the control listener's operations depend on. */
export interface ControlDependencies extends Pick<SharedDependencies, "switches" | "publicHost"> {
  readonly clock: ShiftableClock;
  readonly faults: FaultInjector;
  readonly events: EventReader;
  /** Used by the allocation policy geoLatency. */
  readonly latencies: Pick<LatencyStore, "all" | "set">;
  readonly application: Application;
  readonly issuer: Pick<OidcIssuer, "mint">;
  readonly storage: StorageSetting;
  readonly token: string;
  readonly version: string;
  /** Whether others than this machine reach the listener. Default: no. */
  readonly isExposed?: boolean;
  /** The local CA's certificate, PEM. */
  readonly caCertificate: string;
  /** Empties the database and every cache. */
  reset(): void;
  /** Ends the process after the response is sent. */
  shutdown(): void;
}
