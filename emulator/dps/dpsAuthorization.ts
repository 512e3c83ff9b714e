import { callerError } from "../kernel/authorizeCaller";
import { unixSeconds } from "../kernel/clock";
import type { ProvisioningServiceRecord, SharedAccessPolicy } from "../kernel/directory";
import type { Request } from "../kernel/operation";
import { type DpsDependencies, serviceOf } from "./dpsDependencies";
import { checkThrottle } from "./dpsThrottle";

/** The audience of Entra tokens for the DPS data plane. */
const AUDIENCES = ["https://azure-devices-provisioning.net"];

/** Rights of shared access policies by what is to be done; writing includes reading. */
const RIGHTS = {
  readEnrollment: ["EnrollmentRead", "EnrollmentWrite"],
  writeEnrollment: ["EnrollmentWrite"],
  readRegistration: ["RegistrationStatusRead", "RegistrationStatusWrite"],
  writeRegistration: ["RegistrationStatusWrite"],
} as const;

/**
 * Who has these two owns the service: the policy that comes with a new one has "all permissions" (Azure documentation,
 * "Control access to DPS with shared access signatures"), though the listing of its rights, as recorded, leaves out those
 * of registrations; and az reads and deletes registrations by any policy with these.
 */
const OWNER = ["ServiceConfig", "EnrollmentWrite"];

const withOwnersRights = (policy: SharedAccessPolicy): SharedAccessPolicy =>
  OWNER.every((right) => policy.rights.includes(right))
    ? { ...policy, rights: [...policy.rights, "RegistrationStatusWrite"] }
    : policy;

function judge(
  request: Request,
  need: keyof typeof RIGHTS,
  deps: Pick<DpsDependencies, "directory" | "tokens" | "clock" | "fail">,
): ProvisioningServiceRecord {
  const service = serviceOf(request, deps);
  const policies = service.policies.map(withOwnersRights);
  const demand = { audiences: AUDIENCES, policies, rights: RIGHTS[need], at: unixSeconds(deps.clock) };
  const reason = callerError(request, demand, deps.tokens);
  if (reason) throw deps.fail("unauthorized", "Unauthorized", { reason });
  return service;
}

/**
 * The provisioning service of a call, once the caller has shown the right: a bearer token of Entra, or a signature of a
 * shared access policy. Throws 401002 otherwise, and 429001 to those who call too often.
 */
export function authorize(
  request: Request,
  need: keyof typeof RIGHTS,
  deps: Pick<DpsDependencies, "directory" | "tokens" | "clock" | "fail" | "switches" | "throttle">,
): ProvisioningServiceRecord {
  const service = judge(request, need, deps);
  checkThrottle(deps.throttle, service.key, deps);
  return service;
}
