import { type Finding, fault, ok, warn } from "../finding";
import type { Check } from "../scene";

/** Kept equal to "engines" of package.json. */
const OLDEST_NODE = 20;

/** Node, the Pulumi CLI, and Go, which is needed only where the CLI must be built. */
export const tools: Check = {
  name: "Tools",
  async find(scene) {
    const [pulumi, go] = await Promise.all([scene.pulumi(), scene.go()]);
    const findings: Finding[] = [];
    const major = Number.parseInt(scene.nodeVersion, 10);
    if (major >= OLDEST_NODE) findings.push(ok(`Node ${scene.nodeVersion}`));
    else findings.push(fault(`Node ${scene.nodeVersion} is too old`, `install Node ${OLDEST_NODE} or newer`));
    if (pulumi.version !== undefined) findings.push(ok(`Pulumi ${pulumi.version}`));
    else {
      const why = pulumi.notes.join("; ");
      const remedy =
        go === undefined
          ? "run `npm run setup`; where Pulumi's download cannot be had, install Go first: the CLI is then built"
          : "run `npm run setup`: it downloads the CLI, or builds it";
      findings.push(warn(`There is no Pulumi CLI yet: ${why}`, remedy));
    }
    if (go !== undefined) findings.push(ok(`Go ${go} (needed only to build the Pulumi CLI)`));
    return findings;
  },
};
