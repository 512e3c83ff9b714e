import type { ProvisioningStatus } from "../../azure/wire/dpsEnrollment";
import { OperatorError } from "../operatorError";
import { type EnrollmentKind, hasId, ownEnrollments, ownsEnrollment } from "../stack/enrollmentOwnership";
import { setEnrollmentStatus } from "../stack/enrollmentStatus";
import type { StackConfiguration } from "../stack/operatorStack";
import { revokesRegistration } from "../stack/revokedEntries";
import { changeStack } from "../stack/stackChange";
import type { StackDependencies } from "../stack/stackDependencies";
import { withStackLock } from "../stack/stackLock";
import { listOf, outputsOf, textOf } from "../stack/stampInformation";
import type { CommandContext, CommandParameter, OperatorCommand, ParameterValues } from "./operatorCommand";
import { checkId, ID_PATTERN, registrationId, textParameter } from "./stackCommand";

/** An enrollment of the parameters. */
interface NamedEnrollment {
  readonly kind: EnrollmentKind;
  readonly id: string;
  readonly label: string;
}

const parametersOf = ({ stack }: StackDependencies): readonly CommandParameter[] => [
  {
    name: "EnrollmentGroupId",
    type: "String",
    about: "ID of an enrollment group.",
    pattern: ID_PATTERN,
    complete: async () => ownEnrollments(await stack.resources(), "group"),
  },
  registrationId({
    about: "Registration ID of an individual enrollment, in place of the group's ID.",
    complete: async () => ownEnrollments(await stack.resources(), "individual"),
  }),
];

function enrollmentOf(parameters: ParameterValues): NamedEnrollment {
  const [group, individual] = [
    textParameter(parameters, "EnrollmentGroupId"),
    textParameter(parameters, "RegistrationId"),
  ];
  if (group !== undefined && individual === undefined) {
    checkId("enrollmentGroupId", "EnrollmentGroupId", group);
    return { kind: "group", id: group, label: `enrollment group ${group}` };
  }
  if (individual !== undefined && group === undefined) {
    checkId("registrationId", "RegistrationId", individual);
    return { kind: "individual", id: individual, label: `individual enrollment ${individual}` };
  }
  const remedy = "give either -EnrollmentGroupId or -RegistrationId";
  throw new OperatorError("ParameterMissing", "The command needs one enrollment.", remedy);
}

/** The configuration with the enrollment in this status. Letter case has no meaning. */
function edited(configuration: StackConfiguration, id: string, status: ProvisioningStatus): StackConfiguration {
  const disabled = listOf(configuration, "disabledEnrollments");
  const isDisabled = hasId(disabled, id);
  if (isDisabled === (status === "disabled")) return {};
  const left = disabled.filter((each) => each.toLowerCase() !== id.toLowerCase());
  if (!isDisabled) return { disabledEnrollments: [...disabled, id.toLowerCase()] };
  return { disabledEnrollments: left.length === 0 ? undefined : left };
}

/** A revoked device's enrollment is disabled by its revocation, which would disable it again. */
function refuseRevoked(configuration: StackConfiguration, { kind, id }: NamedEnrollment): void {
  if (kind === "group" || !listOf(configuration, "revoked").some((entry) => revokesRegistration(entry, id))) return;
  throw new OperatorError("ParameterInvalid", `The device ${id} is blocked.`, `Enable-Device -RegistrationId ${id}`);
}

async function setStatus(
  dependencies: StackDependencies,
  context: CommandContext,
  command: string,
  { enrollment, status }: { readonly enrollment: NamedEnrollment; readonly status: ProvisioningStatus },
) {
  const { stack, azure } = dependencies;
  const { kind, id, label } = enrollment;
  const resources = await stack.resources();
  const isOwn = ownsEnrollment(resources, kind, id);
  const endpoint = textOf(outputsOf(resources), "serviceEndpoint");
  const client = kind === "group" ? azure.enrollmentGroup(endpoint, id) : azure.individualEnrollment(endpoint, id);
  const changed = isOwn
    ? await changeStack(stack, context, command, (configuration) => {
        refuseRevoked(configuration, enrollment);
        return edited(configuration, id, status);
      })
    : await withStackLock(context, command, async () => {
        refuseRevoked(await stack.configuration(), enrollment);
        await (kind === "group"
          ? setEnrollmentStatus(azure.enrollmentGroup(endpoint, id), label, status)
          : setEnrollmentStatus(azure.individualEnrollment(endpoint, id), label, status));
        return undefined;
      });
  const provisioningStatus = (await client.get())?.provisioningStatus ?? "enabled";
  const changes = changed && { changes: changed.changes };
  return { value: { enrollment: label, isOwnedByStack: isOwn, provisioningStatus, ...changes } };
}

/** Sets the status of an enrollment: of the stack by its configuration, of another one at the service. */
const enrollmentCommand =
  (name: string, status: ProvisioningStatus, about: string) =>
  (dependencies: StackDependencies): OperatorCommand => ({
    name,
    about,
    parameters: parametersOf(dependencies),
    role: "operator",
    example: `${name} -EnrollmentGroupId sample-group`,
    run: async (parameters, context) =>
      setStatus(dependencies, context, name, { enrollment: enrollmentOf(parameters), status }),
  });

/** Disable-Enrollment: devices cannot register any more; registered ones stay connected. */
export const disableEnrollment = enrollmentCommand(
  "Disable-Enrollment",
  "disabled",
  "Disables an enrollment: its devices cannot register; registered ones stay connected.",
);

/** Enable-Enrollment: devices can register again. */
export const enableEnrollment = enrollmentCommand(
  "Enable-Enrollment",
  "enabled",
  "Enables an enrollment: its devices can register again.",
);
