import { azureHost } from "../../azure/hosts";
import type { IdentityStore } from "../hub/devices/identityStore";
import type { TwinStore } from "../hub/twins/twinStore";
import type { Directory, ProvisioningServiceRecord, TokenJudge } from "../kernel/directory";
import type { Request } from "../kernel/operation";
import type { Services } from "../kernel/services";
import type { Throttle } from "../kernel/throttle";
import type { LatencyStore } from "./allocation/latencyStore";
import type { DpsFail } from "./dpsErrors";
import type { DpsLimits } from "./dpsLimits";
import type { EnrollmentStore } from "./enrollments/enrollmentStore";
import type { OperationStore } from "./registrations/operationStore";
import type { RegistrationStore } from "./registrations/registrationStore";

/** What the operations of the provisioning services stand on; each takes the ones it needs. */
export interface DpsDependencies extends Pick<Services, "database" | "clock" | "ids" | "switches"> {
  readonly directory: Directory;
  readonly tokens: TokenJudge;
  readonly fail: DpsFail;
  /** Of the service API, by the service's key. */
  readonly throttle: Throttle;
  readonly enrollments: EnrollmentStore;
  readonly registrations: RegistrationStore;
  readonly operations: OperationStore;
  /** What geo-latency allocation goes by. */
  readonly latencies: LatencyStore;
  /** The hubs' registries, where devices are created. */
  readonly identities: IdentityStore;
  readonly twins: TwinStore;
  readonly limits: DpsLimits;
}

/** The provisioning service that a call's host name stands for. */
export function serviceOf(
  request: Request,
  { directory, fail }: Pick<DpsDependencies, "directory" | "fail">,
): ProvisioningServiceRecord {
  const host = azureHost(request.host);
  const service = host?.service === "dps" ? directory.provisioningService(host.name) : undefined;
  if (!service) {
    throw fail("unauthorized", "Unauthorized", { reason: `no provisioning service has the host name ${request.host}` });
  }
  return service;
}
