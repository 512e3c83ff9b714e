import { callerError } from "../kernel/authorizeCaller";
import { unixSeconds } from "../kernel/clock";
import type { ProvisioningServiceRecord, SharedAccessPolicy } from "../kernel/directory";
import type { Request } from "../kernel/operation";
import { type DpsDependencies, serviceOf } from "./dpsDependencies";
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

/**
 * Returns the provisioning service of a request if the caller has the right: by an Entra bearer token or a shared access
 * signature. Throws 401002 otherwise, and 429001 above the throttle.
 */
export function authorize(
  request: Request,
  need: keyof typeof RIGHTS,
  deps: Pick<DpsDependencies, "directory" | "tokens" | "clock" | "switches" | "throttle">,
): ProvisioningServiceRecord {
  const service = serviceOf(request, deps);
  const policies = service.policies.map(withOwnersRights);
  const demand = { audiences: AUDIENCES, policies, rights: RIGHTS[need], at: unixSeconds(deps.clock) };
  const reason = callerError(request, demand, deps.tokens);
  if (reason) throw unauthorized(reason);
  checkThrottle(deps.throttle, service.key, deps);
  return service;
}
