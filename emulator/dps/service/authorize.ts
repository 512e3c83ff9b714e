import type { Call } from "../../kernel/call";
import { callerFault } from "../../kernel/caller";
import { unixSeconds } from "../../kernel/clock";
import type { ProvisioningServiceRecord, SharedAccessPolicy } from "../../kernel/directory";
import { refuseThrottled } from "../device/throttle";
import { type DpsParts, serviceOf } from "../parts";

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
  call: Call,
  need: keyof typeof RIGHTS,
  parts: Pick<DpsParts, "directory" | "tokens" | "clock" | "fail">,
): ProvisioningServiceRecord {
  const service = serviceOf(call, parts);
  const policies = service.policies.map(withOwnersRights);
  const demand = { audiences: AUDIENCES, policies, rights: RIGHTS[need], at: unixSeconds(parts.clock) };
  const reason = callerFault(call, demand, parts.tokens);
  if (reason) throw parts.fail("unauthorized", "Unauthorized", { reason });
  return service;
}

/**
 * The provisioning service of a call, once the caller has shown the right: a bearer token of Entra, or a signature of a
 * shared access policy. Throws 401002 otherwise, and 429001 to those who call too often.
 */
export function authorize(
  call: Call,
  need: keyof typeof RIGHTS,
  parts: Pick<DpsParts, "directory" | "tokens" | "clock" | "fail" | "switches" | "throttle">,
): ProvisioningServiceRecord {
  const service = judge(call, need, parts);
  refuseThrottled(parts.throttle, service.key, parts);
  return service;
}
