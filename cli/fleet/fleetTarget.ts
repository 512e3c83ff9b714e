import { readFileSync } from "node:fs";
import { GLOBAL_DEVICE_ENDPOINT } from "../../azure/hosts";
import { SetupError } from "../../bootstrap/setupError.cjs";
import { readCertificates } from "../../certs/certificate";
import { readPrivateKey } from "../../certs/keys";
import { KeySigner } from "../../certs/signer";
import { type ExportedDeployment, secretOf } from "../../operator/stack/exportedState";
import type { LoadedIssuer } from "../certs/inputFiles";
import { type Paths, STACK } from "../checkoutPaths";
import type { Arguments } from "../commandLine";
import { prepare } from "../preparedEngine";
import { output } from "../runProgram";

/** Where a fleet registers. */
export interface FleetTarget {
  readonly idScope: string;
  /** Host name of DPS for devices. */
  readonly endpoint: string;
  /** The environment whose proxy leads there. */
  readonly env: NodeJS.ProcessEnv;
  /** PEM of the roots by which servers are checked. Default: Node's, and those of NODE_EXTRA_CA_CERTS. */
  readonly ca?: string;
  /** The newest CA of the dev stack that issues devices' certificates, if the state has its key. */
  readonly issuer?: LoadedIssuer;
}

const AUTHORITY = "pulumi-nodejs:dynamic/iot:CertificateAuthority";
const STACK_TYPE = "pulumi:pulumi:Stack";

const textIn = (outputs: Readonly<Record<string, unknown>> | undefined, name: string): string | undefined => {
  const value = outputs?.[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** The newest intermediate of a deployment whose key is in the state; undefined if there is none. `deployment` is exported with secrets. */
export function issuerOf(deployment: ExportedDeployment): LoadedIssuer | undefined {
  const authority = (deployment.resources ?? []).findLast(({ type }) => type === AUTHORITY);
  const pem = textIn(authority?.outputs, "intermediateCertificate");
  const key = authority && secretOf(deployment, authority.urn, "intermediateKey");
  if (pem === undefined || key === undefined) return undefined;
  const chain = readCertificates(Buffer.from(pem + (textIn(authority?.outputs, "rootCertificate") ?? "")));
  const [certificate] = chain;
  if (certificate === undefined) return undefined;
  const privateKey = readPrivateKey(key);
  return { certificate, chain, key: privateKey, signer: new KeySigner(privateKey) };
}

/** The dev stack, on the local Azure. Errors: SetupError NO_FLEET_TARGET, and those of {@link prepare}. */
async function devStack(paths: Paths): Promise<FleetTarget> {
  const { cli, env, ready } = await prepare(paths);
  const command = ["stack", "export", "--show-secrets", "--stack", STACK];
  const text = await output(cli.file, command, { cwd: paths.root, env });
  const { deployment } = JSON.parse(text) as { deployment: ExportedDeployment };
  const outputs = deployment.resources?.find(({ type }) => type === STACK_TYPE)?.outputs;
  const [idScope, endpoint] = [textIn(outputs, "idScope"), textIn(outputs, "globalEndpoint")];
  if (idScope === undefined) {
    throw new SetupError(
      "NO_FLEET_TARGET",
      "There is no provisioning service to register with.",
      `The stack ${STACK} has no output idScope, and neither --id-scope nor PROVISIONING_IDSCOPE names another one.`,
      ["npm run up", "npx zero-touch fleet --id-scope ID --issuer FILE --issuer-key FILE"],
    );
  }
  // One root in place of all of the system's: OpenSSL reads them again for each device's connection.
  const ca = readFileSync(ready.caFile, "utf8");
  return { idScope, endpoint: endpoint ?? GLOBAL_DEVICE_ENDPOINT, env, ca, issuer: issuerOf(deployment) };
}

/** Where the fleet of a command line registers: what it or the environment names, else the dev stack. */
export async function fleetTarget(paths: Paths, args: Arguments, env: NodeJS.ProcessEnv): Promise<FleetTarget> {
  const idScope = args.text("id-scope") ?? env.PROVISIONING_IDSCOPE;
  if (!idScope) return devStack(paths);
  return { idScope, endpoint: args.text("host") ?? (env.PROVISIONING_HOST || GLOBAL_DEVICE_ENDPOINT), env };
}
