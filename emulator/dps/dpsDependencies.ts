import type { CertificateCache } from "../../certs/cache";
import type { IdentityStore } from "../hub/devices/identityStore";
import type { TwinStore } from "../hub/twins/twinStore";
import type { Directory, TokenValidator } from "../kernel/directory";
import type { SharedDependencies } from "../kernel/sharedDependencies";
import type { Throttle } from "../kernel/throttle";
import type { LatencyStore } from "./allocation/latencyStore";
import type { PostJson } from "./allocation/postJson";
import type { DpsLimits } from "./dpsLimits";
import type { EnrollmentStore } from "./enrollments/enrollmentStore";
import type { OperationStore } from "./registrations/operationStore";
import type { RegistrationStore } from "./registrations/registrationStore";
import type { TpmChallengeStore } from "./tpm/tpmChallengeStore";

/** Dependencies of the provisioning services' operations. */
export interface DpsDependencies extends Pick<SharedDependencies, "database" | "clock" | "ids" | "switches"> {
  readonly directory: Directory;
  readonly tokens: TokenValidator;
  /** Throttle of the service API, by the service's key. */
  readonly throttle: Throttle;
  readonly enrollments: EnrollmentStore;
  readonly registrations: RegistrationStore;
  readonly operations: OperationStore;
  /** Latencies for geo-latency allocation. */
  readonly latencies: LatencyStore;
  /** The hubs' identity registries, in which devices are created. */
  readonly identities: IdentityStore;
  readonly twins: TwinStore;
  readonly limits: DpsLimits;
  /** Calls webhooks. */
  readonly postJson: PostJson;
  /** Parsed CA certificates. */
  readonly cas: CertificateCache;
  readonly challenges: TpmChallengeStore;
}
