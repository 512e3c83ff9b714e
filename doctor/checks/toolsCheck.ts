import type { Check } from "../doctorContext";
import { type DoctorResult, fail, ok, warn } from "../doctorResult";

/** Kept equal to "engines" of package.json. */
const OLDEST_NODE = 20;

/** Node, the Pulumi CLI, and Go, which is needed only where the CLI must be built. */
export const tools: Check = {
  name: "Tools",
  async find(context) {
    const [pulumi, go] = await Promise.all([context.pulumi(), context.go()]);
    const findings: DoctorResult[] = [];
    const major = Number.parseInt(context.nodeVersion, 10);
    if (major >= OLDEST_NODE) findings.push(ok(`Node ${context.nodeVersion}`));
    else findings.push(fail(`Node ${context.nodeVersion} is too old`, "install Node 20, 22 or 24"));
    if (pulumi.version !== undefined) findings.push(ok(`Pulumi ${pulumi.version}`));
    else {
      const why = pulumi.notes.join("; ");
      const remedy =
        go === undefined
          ? "run `npm run setup`; if Pulumi's download is blocked, install Go first: the command then builds the CLI"
          : "run `npm run setup`: it downloads the CLI, or builds it";
      findings.push(warn(`There is no Pulumi CLI yet: ${why}`, remedy));
    }
    if (go !== undefined) findings.push(ok(`Go ${go} (needed only to build the Pulumi CLI)`));
    return findings;
  },
};
