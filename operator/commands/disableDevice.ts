import { isObject } from "../../azure/wire/jsonObject";
import { thumbprintOf } from "../../certs/thumbprintText";
import { OperatorError } from "../operatorError";
import { registrationEntry, revokesRegistration, revokesThumbprint } from "../stack/revokedEntries";
import { changeStack } from "../stack/stackChange";
import type { StackDependencies } from "../stack/stackDependencies";
import { dynamicResources, listOf, outputsOf, textOf } from "../stack/stampInformation";
import type { CommandContext, CommandParameter, OperatorCommand, ParameterValues } from "./operatorCommand";
import { checkId, registrationId, textParameter } from "./stackCommand";

const parametersOf = ({ stack }: StackDependencies): readonly CommandParameter[] => [
  registrationId({
    position: 0,
    complete: async () =>
      dynamicResources(await stack.resources(), "DeviceCertificate").map(({ outputs }) =>
        textOf(outputs, "registrationId"),
      ),
  }),
  {
    name: "Thumbprint",
    type: "String",
    about: "SHA-1 or SHA-256 thumbprint of the device's certificate, in place of the registration ID.",
  },
];

/** A device of the parameters: its entry in `revoked`, and whether another entry is the same. */
interface RevokedDevice {
  readonly entry: string;
  /** Undefined for a thumbprint. */
  readonly registrationId?: string;
  readonly isSame: (entry: string) => boolean;
}

function deviceOf(parameters: ParameterValues): RevokedDevice {
  const [id, text] = [textParameter(parameters, "RegistrationId"), textParameter(parameters, "Thumbprint")];
  if ((id === undefined) === (text === undefined)) {
    const remedy = "give either -RegistrationId or -Thumbprint";
    throw new OperatorError("ParameterMissing", "The command needs one device.", remedy);
  }
  if (id !== undefined) {
    checkId("registrationId", "RegistrationId", id);
    return { entry: registrationEntry(id), registrationId: id, isSame: (entry) => revokesRegistration(entry, id) };
  }
  const thumbprint = thumbprintOf(text ?? "");
  if (thumbprint === undefined) {
    const remedy = "give 40 (SHA-1) or 64 (SHA-256) hexadecimal digits, as openssl x509 -fingerprint prints them";
    throw new OperatorError("ParameterInvalid", "-Thumbprint is not a thumbprint.", remedy);
  }
  return { entry: thumbprint, isSame: (entry) => revokesThumbprint(entry, thumbprint) };
}

/** Where a device is registered; `not registered` shows a mistyped ID. Undefined for a thumbprint. */
async function registrationOf(
  { stack, azure }: StackDependencies,
  id: string | undefined,
): Promise<string | undefined> {
  if (id === undefined) return undefined;
  const endpoint = textOf(outputsOf(await stack.resources()), "serviceEndpoint");
  const record = await azure.registrationRecord(endpoint, id).get();
  return record?.assignedHub === undefined ? "not registered" : `${record.deviceId} at ${record.assignedHub}`;
}

/** Whether the state still has a device blocked: an update that would unblock it did not complete. */
async function isBlocked({ stack }: StackDependencies, isSame: RevokedDevice["isSame"]): Promise<boolean> {
  const revocations = dynamicResources(await stack.resources(), "Revocations");
  const blocked = revocations.flatMap(({ outputs }) => (Array.isArray(outputs.blocked) ? outputs.blocked : []));
  return blocked.filter(isObject).some(({ registrationId: id, thumbprints = [] }) => {
    const held = Array.isArray(thumbprints) ? thumbprints : [];
    return isSame(`id=${String(id)}`) || held.some((thumbprint) => isSame(String(thumbprint)));
  });
}

/** Disable-Device: blocks a device at the provisioning service and at its hub, by the configuration key `revoked`. */
export const disableDevice = (dependencies: StackDependencies): OperatorCommand => ({
  name: "Disable-Device",
  about: "Blocks a device at the provisioning service and at its hub.",
  parameters: parametersOf(dependencies),
  role: "operator",
  example: "Disable-Device -RegistrationId group-device-01",
  async run(parameters: ParameterValues, context: CommandContext) {
    const { entry, registrationId: id, isSame } = deviceOf(parameters);
    const registration = await registrationOf(dependencies, id);
    const { changes } = await changeStack(dependencies.stack, context, "Disable-Device", (configuration) => {
      const revoked = listOf(configuration, "revoked");
      return revoked.some(isSame) ? {} : { revoked: [...revoked, entry] };
    });
    return { value: { device: entry, status: "disabled", registration, changes } };
  },
});

/** Enable-Device: removes the block of Disable-Device. */
export const enableDevice = (dependencies: StackDependencies): OperatorCommand => ({
  name: "Enable-Device",
  about: "Removes the block of a device; a sample device registers again.",
  parameters: parametersOf(dependencies),
  role: "operator",
  example: "Enable-Device -RegistrationId group-device-01",
  async run(parameters: ParameterValues, context: CommandContext) {
    const { entry, isSame } = deviceOf(parameters);
    const { changes } = await changeStack(dependencies.stack, context, "Enable-Device", async (configuration) => {
      const revoked = listOf(configuration, "revoked");
      const left = revoked.filter((each) => !isSame(each));
      if (left.length < revoked.length) return { revoked: left.length === 0 ? undefined : left };
      if (await isBlocked(dependencies, isSame)) return {};
      const remedy = "see the blocked devices with Get-StampInformation; a device may be blocked by its thumbprint";
      throw new OperatorError("NotFound", `${entry} is not blocked by this stack.`, remedy);
    });
    return { value: { device: entry, status: "enabled", changes } };
  },
});
