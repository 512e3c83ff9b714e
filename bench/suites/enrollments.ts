import { join } from "node:path";
import { issueMany } from "../../certs/bulk/issueMany";
import { numberedIds } from "../../certs/bulk/registrationIds";
import { issueRoot } from "../../certs/issue";
import { generateKeyPair } from "../../certs/keys";
import { KeySigner } from "../../certs/signer";
import { shellEnvironment, timed, withCheckout } from "../environment/processes";
import { type Measurement, measurement } from "../measure";
import { noopProgram } from "../rivals/rivalPrograms";

/** The rival takes minutes. */
const ROUNDS = 1;
const DEVICES = 1000;
const MANIFEST = "factory/manifest.jsonl";

/**
 * A list of a thousand individual enrollments, each with the device's own certificate, added to a deployed dev stack by
 * one `pulumi up`, against as many dynamic resources that do nothing; and `pulumi up` with nothing to change on both.
 */
export function enrollmentMeasurements(): Promise<Measurement[]> {
  return withCheckout(async ({ folder, checkout, zero }) => {
    const issuerKey = await generateKeyPair("EC-P256");
    const issuer = await issueRoot({ commonName: "Bench Root", signer: new KeySigner(issuerKey) });
    const registrationIds = numberedIds({ count: DEVICES });
    await issueMany({ registrationIds, issuer, issuerKey, folder: join(checkout, "factory") });
    await zero("up");
    const env = shellEnvironment(checkout);
    const pulumi = (...args: string[]) => timed("pulumi", [...args, "--stack", "dev"], { cwd: checkout, env });
    const up = () => pulumi("up", "--yes", "--skip-preview");
    const noop = await noopProgram(folder, env, DEVICES);
    await up();
    const first = { ours: [] as number[], theirs: [] as number[] };
    const again = { ours: [] as number[], theirs: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      first.theirs.push(await noop("up", "--yes", "--skip-preview"));
      again.theirs.push(await noop("up", "--yes", "--skip-preview"));
      await noop("destroy", "--yes", "--skip-preview");
      await pulumi("config", "set", "individualsFile", MANIFEST);
      first.ours.push(await up());
      again.ours.push(await up());
      await pulumi("config", "rm", "individualsFile");
      await up();
    }
    const common = { unit: "s", bound: { atMost: 1.5 } } as const;
    const rival = `pulumi up of ${DEVICES} dynamic resources that do nothing`;
    return [
      measurement({
        name: "enrollments.new",
        what: `pulumi up that adds ${DEVICES} individual enrollments with certificates to a deployed dev stack`,
        rival,
        samples: first,
        ...common,
      }),
      measurement({
        name: "enrollments.unchanged",
        what: "pulumi up of that stack with nothing to change",
        rival: `${rival}, nothing to change`,
        samples: again,
        ...common,
      }),
    ];
  });
}
