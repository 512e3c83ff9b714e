import { OperatorError } from "../operatorError";
import { changeStack } from "../stack/stackChange";
import type { StackDependencies } from "../stack/stackDependencies";
import { staleRegistrations } from "../stack/staleRegistrations";
import { authoritiesOf, dynamicResources, generationsOf } from "../stack/stampInformation";
import type { OperatorCommand } from "./operatorCommand";
import { switchParameter } from "./stackCommand";

/** Devices that an error names. */
const NAMED = 10;

/** The hierarchies after a change. */
async function rotationOf({ stack }: StackDependencies, now: Date) {
  const [resources, configuration] = [await stack.resources(), await stack.configuration()];
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
    const { changes } = await changeStack(dependencies.stack, context, "Start-CertificateRotation", (configuration) => {
      const [present = 1, next] = generationsOf(configuration);
      // A rotation under way: the update completes it.
      return next === undefined ? { caGenerations: [present, present + 1] } : {};
    });
    return { value: { state: "started", ...(await rotationOf(dependencies, context.clock.now())), changes } };
  },
});

/** Refuses to complete a rotation while devices have not registered since it started. Errors: RotationIncomplete. */
async function checkDevices(dependencies: StackDependencies, now: Date): Promise<void> {
  const { stack } = dependencies;
  const [resources, configuration] = [await stack.resources(), await stack.configuration()];
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
    const { changes } = await changeStack(dependencies.stack, context, command, async (configuration) => {
      const [, next] = generationsOf(configuration);
      if (next === undefined) {
        // An update that would remove the older hierarchy did not complete.
        const present = dynamicResources(await dependencies.stack.resources(), "CertificateAuthority");
        if (present.length > 1) return {};
        throw new OperatorError("NotFound", "No rotation is under way.", "start one with Start-CertificateRotation");
      }
      if (!switchParameter(parameters, "Force")) await checkDevices(dependencies, context.clock.now());
      return { caGenerations: [next] };
    });
    return { value: { state: "completed", ...(await rotationOf(dependencies, context.clock.now())), changes } };
  },
});
