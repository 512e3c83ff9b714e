import { CertificateCache } from "../../certs/cache";
import { Certificate } from "../../certs/certificate";
import type { IdentityStore } from "../hub/devices/identityStore";
import { TwinStore } from "../hub/twins/twinStore";
import type { Directory, TokenJudge } from "../kernel/directory";
import type { Operation, Request } from "../kernel/operation";
import type { ServiceDefinition } from "../kernel/service";
import type { Services } from "../kernel/services";
import { Throttle } from "../kernel/throttle";
import { CustomAllocation } from "./allocation/customAllocation";
import { LatencyStore } from "./allocation/latencyStore";
import { type PostJson, postJson } from "./allocation/postJson";
import type { DeviceDependencies } from "./attestation/identifyDevice";
import { type DpsFail, dpsErrors } from "./dpsErrors";
import { DPS_LIMITS, type DpsLimits } from "./dpsLimits";
import {
  deleteEnrollment,
  getAttestationMechanism,
  getEnrollment,
  putEnrollment,
} from "./enrollments/enrollmentOperations";
import { EnrollmentStore } from "./enrollments/enrollmentStore";
import { runBulkOperation } from "./enrollments/runBulkOperation";
import { queryEnrollments, queryRegistrations } from "./queries/queries";
import { OperationStore } from "./registrations/operationStore";
import { deleteRegistration, getRegistration } from "./registrations/registrationOperations";
import { RegistrationStore } from "./registrations/registrationStore";
import { operationStatus, register, statusLookup } from "./registrations/runtimeRegistrationOperations";
import { TpmChallengeStore } from "./tpm/tpmChallengeStore";

/** The data plane of all provisioning services. */
export interface DpsService {
  /** Answers at `global.azure-devices-provisioning.net`: the device API. */
  readonly device: ServiceDefinition;
  /** Answers at `NAME.azure-devices-provisioning.net`: the service API, and the device API too. */
  readonly service: ServiceDefinition;
  readonly operations: readonly Operation[];
}

/** Of the service API, for each provisioning service (Azure documentation, "DPS quotas and limits"). */
const OPERATIONS_A_MINUTE = 1000;

function dpsFace(
  name: string,
  operations: readonly Operation[],
  fail: DpsFail,
  ids: Services["ids"],
): ServiceDefinition {
  return {
    name,
    operations,
    headers: () => ({
      "x-ms-request-id": ids.guid(),
      "strict-transport-security": "max-age=31536000; includeSubDomains",
    }),
    notFound: (request: Request) =>
      fail("notEmulated", `${request.method} ${request.path} is not emulated by the local Azure`),
    badBody: () => fail("argument", "the body is not JSON, or is larger than 4 MB"),
    badPath: () => fail("argument", "the path is not percent-encoded as it should be"),
    internal: () => fail("internal", "a fault of the local Azure; its log says more"),
    before(request) {
      if (!request.query.get("api-version")) throw fail("argument", "the api-version is missing");
      return undefined;
    },
  };
}

/** Makes the provisioning services' data plane: tables, operations, and the faces for `mountService`. */
export function dpsService(
  services: Pick<Services, "database" | "clock" | "ids" | "switches">,
  {
    directory,
    tokens,
    identities,
    postJson: post = postJson(),
    limits = DPS_LIMITS,
  }: {
    readonly directory: Directory;
    readonly tokens: TokenJudge;
    readonly identities: IdentityStore;
    /** How webhooks are called. Default: for real, ten seconds at most. */
    readonly postJson?: PostJson;
    /** Default: Azure's own. */
    readonly limits?: DpsLimits;
  },
): DpsService {
  const { database, clock, ids, switches } = services;
  const fail = dpsErrors(services);
  const enrollments = new EnrollmentStore(services);
  const registrations = new RegistrationStore(services);
  const operations = new OperationStore(services);
  const latencies = new LatencyStore(services);
  const challenges = new TpmChallengeStore(services);
  directory.onRemoved((kind, key) => {
    if (kind !== "provisioningService") return;
    for (const kept of [enrollments, registrations, operations, challenges]) kept.removeAll(key);
  });
  const deps: DeviceDependencies = {
    database,
    clock,
    ids,
    switches,
    directory,
    tokens,
    fail,
    throttle: new Throttle(clock, OPERATIONS_A_MINUTE, 60_000),
    enrollments,
    registrations,
    operations,
    identities,
    twins: new TwinStore(services),
    latencies,
    limits,
    challenges,
    postJson: post,
    cas: new CertificateCache(1000, Certificate.presented),
  };
  const custom = new CustomAllocation(deps);
  const deviceOperations = [register(deps, custom), operationStatus(deps, custom), statusLookup(deps)];
  const serviceOperations = [
    ...(["group", "individual"] as const).flatMap((kind) => [
      getEnrollment(kind)(deps),
      putEnrollment(kind)(deps),
      deleteEnrollment(kind)(deps),
      queryEnrollments(kind)(deps),
      runBulkOperation(kind)(deps),
      getAttestationMechanism(kind)(deps),
    ]),
    getRegistration(deps),
    deleteRegistration(deps),
    queryRegistrations(deps),
  ];
  return {
    device: dpsFace("dps-device", deviceOperations, fail, ids),
    service: dpsFace("dps-service", [...serviceOperations, ...deviceOperations], fail, ids),
    operations: [...serviceOperations, ...deviceOperations],
  };
}
