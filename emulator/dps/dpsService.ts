import { CertificateCache } from "../../certs/cache";
import { Certificate } from "../../certs/certificate";
import type { IdentityStore } from "../hub/devices/identityStore";
import { TwinStore } from "../hub/twins/twinStore";
import type { Directory, TokenValidator } from "../kernel/directory";
import { isApiVersion, type Operation, type Request } from "../kernel/operation";
import type { ServiceDefinition } from "../kernel/service";
import type { SharedDependencies } from "../kernel/sharedDependencies";
import { Throttle } from "../kernel/throttle";
import { CustomAllocation } from "./allocation/customAllocation";
import { LatencyStore } from "./allocation/latencyStore";
import { type PostJson, postJson } from "./allocation/postJson";
import type { DpsDependencies } from "./dpsDependencies";
import { completeDpsError, dpsError } from "./dpsErrors";
import { DPS_LIMITS, type DpsLimits } from "./dpsLimits";
import { enrollmentOperations } from "./enrollments/enrollmentOperations";
import { EnrollmentStore } from "./enrollments/enrollmentStore";
import { OperationStore } from "./registrations/operationStore";
import { registrationOperations } from "./registrations/registrationOperations";
import { RegistrationStore } from "./registrations/registrationStore";
import { runtimeRegistrationOperations } from "./registrations/runtimeRegistrationOperations";
import { TpmChallengeStore } from "./tpm/tpmChallengeStore";

/** The data plane of all provisioning services. */
export interface DpsService {
  /** `NAME.azure-devices-provisioning.net`: the service API and the device API. */
  readonly definition: ServiceDefinition;
  /** `global.azure-devices-provisioning.net`: the device API. */
  readonly deviceDefinition: ServiceDefinition;
}

/** Dependencies from outside of the service. */
export interface DpsOutside {
  readonly directory: Directory;
  readonly tokens: TokenValidator;
  readonly identities: IdentityStore;
  /** Calls webhooks. Default: an HTTP request with a timeout of ten seconds. */
  readonly postJson?: PostJson;
  /** Default: Azure's own. */
  readonly limits?: DpsLimits;
}

/** The tables with rows of a provisioning service. */
const TABLES = ["dps_enrollment", "dps_group_signer", "dps_registration", "dps_operation", "dps_tpm_challenge"];

/** Operations of the service API per minute and provisioning service (Azure documentation, "DPS quotas and limits"). */
const OPERATIONS_A_MINUTE = 1000;

function dpsDefinition(name: string, operations: readonly Operation[], deps: DpsDependencies): ServiceDefinition {
  return {
    name,
    operations,
    headers: () => ({
      "x-ms-request-id": deps.ids.guid(),
      "strict-transport-security": "max-age=31536000; includeSubDomains",
    }),
    notFound: (request: Request) =>
      dpsError("notEmulated", `${request.method} ${request.path} is not emulated by the local Azure`),
    badBody: (_request, reason) => dpsError("argument", `the body is not valid JSON: ${reason ?? "it is cut"}`),
    tooLarge: () => dpsError("argument", "the body is larger than 1 MB"),
    badPath: () => dpsError("argument", "the path's percent-encoding is invalid"),
    internal: () => dpsError("internal", "an internal error of the local Azure; see its log"),
    complete: (error) => completeDpsError(error, deps),
    before(request) {
      if (!request.query.get("api-version")) throw dpsError("argument", "the api-version is missing");
      if (!isApiVersion(request)) throw dpsError("argument", "the api-version is no date, such as 2021-10-01");
      return undefined;
    },
  };
}

/** Makes the data plane of the provisioning services. */
export function dpsService(
  services: Pick<SharedDependencies, "database" | "clock" | "ids" | "switches">,
  outside: DpsOutside,
): DpsService {
  const deps: DpsDependencies = {
    postJson: postJson(),
    limits: DPS_LIMITS,
    ...services,
    ...outside,
    throttle: new Throttle(services.clock, OPERATIONS_A_MINUTE, 60_000),
    enrollments: new EnrollmentStore(services),
    registrations: new RegistrationStore(services),
    operations: new OperationStore(services),
    twins: new TwinStore(services),
    latencies: new LatencyStore(services),
    challenges: new TpmChallengeStore(services),
    cas: new CertificateCache(1000, Certificate.presented),
  };
  outside.directory.onRemoved((kind, key) => {
    if (kind !== "provisioningService") return;
    for (const table of TABLES) services.database.remove(table, { service: key });
  });
  const deviceOperations = runtimeRegistrationOperations(deps, new CustomAllocation(deps));
  const serviceOperations = [
    ...enrollmentOperations("group", deps),
    ...enrollmentOperations("individual", deps),
    ...registrationOperations(deps),
  ];
  return {
    definition: dpsDefinition("dps-service", [...serviceOperations, ...deviceOperations], deps),
    deviceDefinition: dpsDefinition("dps-device", deviceOperations, deps),
  };
}
