/** The checks of Test-Environment beyond the doctor's: what the stack has made. */
import { API_VERSIONS } from "../../azure/apiVersions";
import { readVaultId } from "../../azure/vaultIds";
import { isObject } from "../../azure/wire/jsonObject";
import { type DoctorResult, fail, firstLine, ok, warn } from "../../doctor/doctorResult";
import type { Section } from "../../doctor/examine";
import type { StackConfiguration, StackResource } from "./operatorStack";
import type { StackDependencies } from "./stackDependencies";
import {
  authoritiesOf,
  type CertificateSummary,
  certificateSummary,
  dynamicResources,
  outputsOf,
  textOf,
} from "./stampInformation";

/** What the checks look at. */
export interface EnvironmentDependencies extends StackDependencies {
  readonly now: Date;
  readonly signal: AbortSignal;
  readonly isDriftIncluded: boolean;
}

interface Deployed extends EnvironmentDependencies {
  readonly resources: readonly StackResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly configuration: StackConfiguration;
}

/** Days before its end from which a certificate is reported. */
const warningDays = ({ configuration }: Deployed): number => Number(configuration.expiryWarningDays ?? 30);

function expiry(
  dependencies: Deployed,
  label: string,
  { daysLeft, notAfter }: CertificateSummary,
  remedy: string,
): DoctorResult {
  const day = notAfter.slice(0, 10);
  if (daysLeft < 0) return fail(`${label} expired on ${day}.`, remedy);
  if (daysLeft < warningDays(dependencies)) return warn(`${label} expires on ${day}, in ${daysLeft} days.`, remedy);
  return ok(`${label} is valid until ${day}.`);
}

function certificates(dependencies: Deployed): readonly DoctorResult[] {
  const authorities = authoritiesOf(dependencies.resources, dependencies.configuration, dependencies.now);
  const results = authorities.flatMap(({ root, intermediate, isRootVerified }) => [
    expiry(dependencies, `Root ${root.subject}`, root, "Start-CertificateRotation, later Complete-CertificateRotation"),
    expiry(
      dependencies,
      `Intermediate ${intermediate.subject}`,
      intermediate,
      "New-IntermediateCertificate -Name NAME",
    ),
    isRootVerified
      ? ok(`Root ${root.subject} is verified at the provisioning service.`)
      : fail(`Root ${root.subject} is not verified.`, "pulumi up verifies it again"),
  ]);
  const devices = dynamicResources(dependencies.resources, "DeviceCertificate").map(({ outputs }) => {
    const pem = textOf(outputs, "certificate");
    const label = `Certificate of device ${textOf(outputs, "registrationId")}`;
    return expiry(dependencies, label, certificateSummary(pem, dependencies.now), "pulumi up renews it");
  });
  const rotation =
    authorities.length > 1
      ? [
          warn(
            "A rotation is under way: two CA generations are trusted.",
            "Complete-CertificateRotation when devices have new certificates",
          ),
        ]
      : [];
  return [...results, ...rotation, ...devices];
}

async function provisioningService({ azure, resources }: Deployed): Promise<readonly DoctorResult[]> {
  const found = resources.find(({ type }) => type.endsWith(":IotDpsResource"));
  const body = found?.id && (await azure.resource(found.id, API_VERSIONS.provisioningServices));
  if (!isObject(body) || !isObject(body.properties)) {
    return [fail("The provisioning service does not exist in Azure.", "pulumi up --refresh creates it again")];
  }
  const { state, iotHubs } = body.properties;
  const linked = (Array.isArray(iotHubs) ? iotHubs : []).filter(isObject).map(({ name }) => String(name));
  const hubs = resources
    .filter(({ type }) => type.endsWith(":IotHubResource"))
    .map(({ outputs }) => textOf(outputs, "name"));
  const missing = hubs.filter((hub) => !linked.some((host) => host.toLowerCase().startsWith(`${hub.toLowerCase()}.`)));
  return [
    state === "Active" || state === undefined
      ? ok("The provisioning service is active.")
      : warn(`The provisioning service is in the state ${String(state)}.`, "wait until it is Active"),
    ...missing.map((hub) =>
      fail(`The hub ${hub} is not linked to the provisioning service.`, "pulumi up --refresh links it"),
    ),
    ...(linked.length === 0
      ? [fail("The provisioning service has no linked hub.", "pulumi up --refresh links it")]
      : []),
    ...(missing.length === 0 && linked.length > 0 ? [ok(`Linked: ${linked.join(", ")}.`)] : []),
    ...(await hubRoles({ azure, resources })),
  ];
}

/** The roles by which the provisioning service reaches its hubs; none for links by key. */
async function hubRoles({ azure, resources }: Pick<Deployed, "azure" | "resources">): Promise<readonly DoctorResult[]> {
  const roles = resources.filter(
    ({ type, inputs }) => type.endsWith(":RoleAssignment") && inputs.principalType === "ServicePrincipal",
  );
  return Promise.all(
    roles.map(async ({ id, name }) => {
      const role = id && (await azure.resource(id, API_VERSIONS.roleAssignments));
      if (isObject(role)) return ok(`The provisioning service has the role ${name}.`);
      const message = `The provisioning service has lost the role ${name}: no device can register.`;
      return fail(message, "pulumi up --refresh assigns it again, by an identity that may assign roles");
    }),
  );
}

async function hub({ azure, outputs }: Deployed): Promise<readonly DoctorResult[]> {
  const host = textOf(outputs, "hubHostName");
  await azure.twins(host).page(1);
  return [ok(`${host} responds to service requests.`)];
}

async function enrollments({ azure, outputs, resources }: Deployed): Promise<readonly DoctorResult[]> {
  const endpoint = textOf(outputs, "serviceEndpoint");
  return Promise.all(
    dynamicResources(resources, "EnrollmentGroup").map(async ({ outputs: group }) => {
      const id = textOf(group, "enrollmentGroupId");
      const enrollment = await azure.enrollmentGroup(endpoint, id).get();
      if (enrollment === undefined) return fail(`The enrollment group ${id} does not exist.`, "pulumi up --refresh");
      if (enrollment.provisioningStatus !== "disabled") return ok(`The enrollment group ${id} is enabled.`);
      return warn(
        `The enrollment group ${id} is disabled: its devices cannot register.`,
        `Enable-Enrollment -EnrollmentGroupId ${id}`,
      );
    }),
  );
}

async function vault({ azure, resources, configuration, now }: Deployed): Promise<readonly DoctorResult[]> {
  const ids = authoritiesOf(resources, configuration, now).flatMap(({ rootKeyId }) => rootKeyId ?? []);
  return Promise.all(
    ids.map(async (keyId) => {
      const id = readVaultId(keyId);
      const key = id && (await azure.vaultKeys(id.vaultUri).get(id.name, id.version));
      if (key === undefined)
        return fail(`The key ${keyId} does not exist.`, "recover it in the vault, or run pulumi up");
      if (key.attributes?.enabled !== false) return ok(`The key ${keyId} is enabled.`);
      return fail(`The key ${keyId} is disabled.`, "pulumi up --refresh enables it");
    }),
  );
}

async function drift({ stack, signal }: Deployed): Promise<readonly DoctorResult[]> {
  const { result, changes, errors } = await stack.preview({ refresh: true, signal });
  if (result === "busy") return [warn("Another update of the stack is running.", "run this again when it is done")];
  if (result !== "succeeded") return [fail(`The preview failed: ${firstLine(errors[0] ?? result)}`, "npm run preview")];
  if (changes.length === 0) return [ok("Azure, state and program agree.")];
  return changes.map(({ operation, type, name }) =>
    warn(`${operation} ${type.slice(type.lastIndexOf(":") + 1)} ${name} is pending.`, "pulumi up"),
  );
}

/** A check of the stack. */
interface EnvironmentCheck {
  readonly name: string;
  readonly isWanted?: (dependencies: Deployed) => boolean;
  find(dependencies: Deployed): readonly DoctorResult[] | Promise<readonly DoctorResult[]>;
}

const CHECKS: readonly EnvironmentCheck[] = [
  { name: "Certificates", find: certificates },
  { name: "Provisioning service", find: provisioningService },
  { name: "Hub", find: hub },
  { name: "Enrollments", find: enrollments },
  { name: "Key vault", isWanted: ({ outputs }) => outputs.keyVault !== undefined, find: vault },
  { name: "Drift", isWanted: ({ isDriftIncluded }) => isDriftIncluded, find: drift },
];

/** Runs the checks at once; one that fails is a finding. Errors: NotFound for a stack without resources, StackFailed. */
export async function environmentChecks(dependencies: EnvironmentDependencies): Promise<readonly Section[]> {
  const resources = await dependencies.stack.resources();
  const configuration = await dependencies.stack.configuration();
  const deployed: Deployed = { ...dependencies, resources, configuration, outputs: outputsOf(resources) };
  return Promise.all(
    CHECKS.filter(({ isWanted }) => isWanted?.(deployed) ?? true).map(async ({ name, find }) => ({
      check: name,
      findings: await Promise.resolve()
        .then(() => find(deployed))
        .catch((error: unknown) => [
          fail(firstLine(error), "check network, sign-in and permissions: the other checks show which"),
        ]),
    })),
  );
}
