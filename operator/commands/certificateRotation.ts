import { OperatorError } from "../operatorError";
import type { StackConfiguration } from "../stack/operatorStack";
import { changeStack } from "../stack/stackChange";
import type { StackDependencies } from "../stack/stackDependencies";
import { staleRegistrations } from "../stack/staleRegistrations";
import { authoritiesOf, dynamicResources, generationsOf } from "../stack/stampInformation";
import type { OperatorCommand } from "./operatorCommand";
import { switchParameter } from "./stackCommand";

/** Devices that an error names. */
const NAMED = 10;

/** The hierarchies after a change. */
async function rotationOf({ stack }: StackDependencies, configuration: StackConfiguration, now: Date) {
  const resources = await stack.resources();
  return {
    generations: generationsOf(configuration),
    authorities: authoritiesOf(resources, configuration, now).map(({ generation, root, isIssuing }) => ({
      generation,
      subject: root.subject,
      thumbprint: root.thumbprint,
      notAfter: root.notAfter,
      isIssuing,
    })),
  };
}

/** Start-CertificateRotation: adds a CA generation, which the provisioning service trusts beside the present one. */
export const startCertificateRotation = (dependencies: StackDependencies): OperatorCommand => ({
  name: "Start-CertificateRotation",
  about: "Adds a CA hierarchy beside the present one; the stack's devices get certificates of the new one.",
  parameters: [],
  role: "operator",
  example: "Start-CertificateRotation",
  async run(_parameters, context) {
    const command = "Start-CertificateRotation";
    const { changes, configuration } = await changeStack(dependencies.stack, context, command, (before) => {
      const [present = 1, next] = generationsOf(before);
      // A rotation under way: the update completes it.
      return next === undefined ? { caGenerations: [present, present + 1] } : {};
    });
    const rotation = await rotationOf(dependencies, configuration, context.clock.now());
    return { value: { state: "started", ...rotation, changes } };
  },
});

/** Refuses to complete a rotation while devices have not registered since it started. Errors: RotationIncomplete. */
async function checkDevices(
  dependencies: StackDependencies,
  configuration: StackConfiguration,
  now: Date,
): Promise<void> {
  const resources = await dependencies.stack.resources();
  const created = authoritiesOf(resources, configuration, now).find(({ isIssuing }) => isIssuing)?.created;
  if (created === undefined) return;
  const stale = await staleRegistrations(dependencies, resources, new Date(created));
  if (stale.length === 0) return;
  const more = stale.length > NAMED ? `, and ${stale.length - NAMED} more` : "";
  const message = `Devices that have not registered since the rotation started: ${stale.length}: ${stale.slice(0, NAMED).join(", ")}${more}.`;
  const remedy = "give them certificates of the new hierarchy first, or add -Force: the service refuses them then";
  throw new OperatorError("RotationIncomplete", message, remedy);
}

/** Complete-CertificateRotation: removes the older CA generation. */
export const completeCertificateRotation = (dependencies: StackDependencies): OperatorCommand => ({
  name: "Complete-CertificateRotation",
  about: "Removes the older CA hierarchy; devices that still present its certificates are refused.",
  parameters: [
    {
      name: "Force",
      type: "Switch",
      about: "Also where devices have not registered since the rotation started.",
    },
  ],
  role: "administrator",
  example: "Complete-CertificateRotation",
  async run(parameters, context) {
    const command = "Complete-CertificateRotation";
    const { changes, configuration } = await changeStack(dependencies.stack, context, command, async (before) => {
      const [, next] = generationsOf(before);
      if (next === undefined) {
        // An update that would remove the older hierarchy did not complete.
        const present = dynamicResources(await dependencies.stack.resources(), "CertificateAuthority");
        if (present.length > 1) return {};
        throw new OperatorError("NotFound", "No rotation is under way.", "start one with Start-CertificateRotation");
      }
      if (!switchParameter(parameters, "Force")) await checkDevices(dependencies, before, context.clock.now());
      return { caGenerations: [next] };
    });
    const rotation = await rotationOf(dependencies, configuration, context.clock.now());
    return { value: { state: "completed", ...rotation, changes } };
  },
});
