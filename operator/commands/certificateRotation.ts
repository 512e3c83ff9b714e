import { OperatorError } from "../operatorError";
import { changeStack } from "../stack/stackChange";
import type { StackDependencies } from "../stack/stackDependencies";
import { authoritiesOf, generationsOf } from "../stack/stampInformation";
import type { OperatorCommand } from "./operatorCommand";

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
      return next === undefined ? { caGenerations: [String(present), String(present + 1)] } : {};
    });
    return { value: { state: "started", ...(await rotationOf(dependencies, context.clock.now())), changes } };
  },
});

/** Complete-CertificateRotation: removes the older CA generation. */
export const completeCertificateRotation = (dependencies: StackDependencies): OperatorCommand => ({
  name: "Complete-CertificateRotation",
  about: "Removes the older CA hierarchy; devices that still present its certificates are refused.",
  parameters: [],
  role: "administrator",
  example: "Complete-CertificateRotation",
  async run(_parameters, context) {
    const command = "Complete-CertificateRotation";
    const { changes } = await changeStack(dependencies.stack, context, command, (configuration) => {
      const [, next] = generationsOf(configuration);
      if (next !== undefined) return { caGenerations: [String(next)] };
      throw new OperatorError("NotFound", "No rotation is under way.", "start one with Start-CertificateRotation");
    });
    return { value: { state: "completed", ...(await rotationOf(dependencies, context.clock.now())), changes } };
  },
});
