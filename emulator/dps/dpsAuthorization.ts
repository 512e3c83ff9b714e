import { azureHost } from "../../azure/hosts";
import { callerError } from "../kernel/authorizeCaller";
import { unixSeconds } from "../kernel/clock";
import type { Directory, ProvisioningServiceRecord, SharedAccessPolicy } from "../kernel/directory";
import { pathSegments, type Request } from "../kernel/operation";
import type { DpsDependencies } from "./dpsDependencies";
import { unauthorized } from "./dpsErrors";
import { checkThrottle } from "./dpsLimits";

/** The audience of Entra tokens for the DPS data plane. */
const AUDIENCES = ["https://azure-devices-provisioning.net"];

/** Rights of shared access policies by operation; write includes read. */
const RIGHTS = {
  readEnrollment: ["EnrollmentRead", "EnrollmentWrite"],
  writeEnrollment: ["EnrollmentWrite"],
  readRegistration: ["RegistrationStatusRead", "RegistrationStatusWrite"],
  writeRegistration: ["RegistrationStatusWrite"],
} as const;

type Need = keyof typeof RIGHTS;

/**
 * The owner's rights. The default policy of a new service has "all permissions" (Azure documentation, "Control access to
 * DPS with shared access signatures"), although its recorded list of rights leaves out those of registrations; az reads
 * and deletes registrations with any policy that has these two.
 */
const OWNER = ["ServiceConfig", "EnrollmentWrite"];

const withOwnersRights = (policy: SharedAccessPolicy): SharedAccessPolicy =>
  OWNER.every((right) => policy.rights.includes(right))
    ? { ...policy, rights: [...policy.rights, "RegistrationStatusWrite"] }
    : policy;

/** The parts of data actions by the first part of a path. */
const SEGMENTS: Readonly<Record<string, string>> = Object.freeze({
  enrollments: "enrollments",
  enrollmentgroups: "enrollmentGroups",
  registrations: "registrationStates",
});

/** What a role must grant (Azure documentation, "Control access to DPS with Microsoft Entra ID"). */
function dataActionOf(request: Request, need: Need): string {
  const [collection = "", , member] = pathSegments(request);
  const verb = need.startsWith("read") ? "read" : request.method === "DELETE" ? "delete" : "write";
  const action =
    member === "attestationmechanism"
      ? "attestationmechanism/details/action"
      : `${SEGMENTS[collection] ?? collection}/${verb}`;
  return `Microsoft.Devices/provisioningServices/${action}`;
}

/** Returns the provisioning service of a request's host name. Throws 401002. */
function serviceOf(request: Request, directory: Directory): ProvisioningServiceRecord {
  const host = azureHost(request.host);
  const service = host?.service === "dps" ? directory.provisioningService(host.name) : undefined;
  if (!service) {
    throw unauthorized(`no provisioning service has the host name ${request.host}`);
  }
  return service;
}

/**
 * Returns the provisioning service of a request if the caller has the right: by an Entra bearer token or a shared access
 * signature. Throws 401002 otherwise, and 429001 above the throttle.
 */
export function authorize(request: Request, need: Need, deps: DpsDependencies): ProvisioningServiceRecord {
  const service = serviceOf(request, deps.directory);
  const policies = service.policies.map(withOwnersRights);
  const reason = callerError(
    request,
    {
      audiences: AUDIENCES,
      policies,
      rights: RIGHTS[need],
      at: unixSeconds(deps.clock),
      dataAction: dataActionOf(request, need),
      scope: service.id,
    },
    deps,
  );
  if (reason) throw unauthorized(reason);
  checkThrottle(deps.throttle, service.key, deps);
  return service;
}
