import { OperatorError } from "../operatorError";
import { registrationEntry, revokesRegistration, revokesThumbprint, thumbprintOf } from "../stack/revokedEntries";
import { type ChangeSummary, changeStack } from "../stack/stackChange";
import type { StackDependencies } from "../stack/stackDependencies";
import { dynamicResources, listOf, textOf } from "../stack/stampInformation";
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
    return { entry: registrationEntry(id), isSame: (entry) => revokesRegistration(entry, id) };
  }
  const thumbprint = thumbprintOf(text ?? "");
  if (thumbprint === undefined) {
    const remedy = "give 40 (SHA-1) or 64 (SHA-256) hexadecimal digits, as openssl x509 -fingerprint prints them";
    throw new OperatorError("ParameterInvalid", "-Thumbprint is not a thumbprint.", remedy);
  }
  return { entry: thumbprint, isSame: (entry) => revokesThumbprint(entry, thumbprint) };
}

const outputOf = (device: string, status: string, { changes }: ChangeSummary) => ({
  value: { device, status, changes },
});

/** Disable-Device: blocks a device at the provisioning service and at its hub, by the configuration key `revoked`. */
export const disableDevice = (dependencies: StackDependencies): OperatorCommand => ({
  name: "Disable-Device",
  about: "Blocks a device at the provisioning service and at its hub.",
  parameters: parametersOf(dependencies),
  role: "operator",
  example: "Disable-Device -RegistrationId group-device-01",
  async run(parameters: ParameterValues, context: CommandContext) {
    const { entry, isSame } = deviceOf(parameters);
    const summary = await changeStack(dependencies.stack, context, "Disable-Device", (configuration) => {
      const revoked = listOf(configuration, "revoked");
      return revoked.some(isSame) ? {} : { revoked: [...revoked, entry] };
    });
    return outputOf(entry, "disabled", summary);
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
    const summary = await changeStack(dependencies.stack, context, "Enable-Device", (configuration) => {
      const revoked = listOf(configuration, "revoked");
      const left = revoked.filter((each) => !isSame(each));
      if (left.length < revoked.length) return { revoked: left };
      const remedy = "see the blocked devices with Get-StampInformation; a device may be blocked by its thumbprint";
      throw new OperatorError("NotFound", `${entry} is not blocked by this stack.`, remedy);
    });
    return outputOf(entry, "enabled", summary);
  },
});
