/** The live {@link DoctorContext}: this process's environment, the network, Azure. Caches each result. */

import type { HttpMethods } from "@azure/core-rest-pipeline";
import { SCOPES } from "../azure/apiVersions";
import { environmentCredential, environmentSignIn } from "../azure/clients/environmentCredential";
import { JsonClient } from "../azure/clients/jsonClient";
import { ARM_HOST } from "../azure/hosts";
import type { JsonObject } from "../azure/wire/jsonObject";
import { tokenClaims } from "../azure/wire/tokenClaims";
import { stoppedLocalAzure } from "../emulator/contract/stoppedLocalAzure";
import { ownKeys, readSettings } from "../settings/readSettings";
import type { Settings } from "../settings/settings";
import type { SettingError } from "../settings/settingsReader";
import type { Arm, DeploymentPlan, DoctorContext, SignedIn, Stack, VisibleSubscription } from "./doctorContext";
import { type DoctorResult, fail, firstLine, warn } from "./doctorResult";
import { probe } from "./tlsProbe";

/** The configuration of a stack by `pulumi config --json`, by full key (`project:key`); secrets are not in it. */
export interface Configuration {
  readonly stack: string;
  readonly values: Readonly<Record<string, string>>;
}

/** What the commands of this project provide. */
export interface Commands extends Pick<DoctorContext, "pulumi" | "go" | "localAzure"> {
  /** Rejects with a reason when there is no stack, no CLI or no backend. */
  configuration(): Promise<Configuration>;
  /** The project that is the keys' namespace. */
  readonly project: string;
}

function once<A extends readonly unknown[], T>(ask: (...args: A) => T): (...args: A) => T {
  const known = new Map<string, T>();
  return (...args) => {
    const key = JSON.stringify(args);
    const response = known.has(key) ? (known.get(key) as T) : ask(...args);
    known.set(key, response);
    return response;
  };
}

const WAYS = {
  secret: "a client secret",
  certificate: "a client certificate",
  oidc: "a federated token (OIDC)",
  msi: "a managed identity",
  cli: "az login",
} as const;

/** The way in words; for the SDK's chain the token says which it was. */
export function signInMethod(env: NodeJS.ProcessEnv, claims: JsonObject): string {
  const { way } = environmentSignIn(env);
  if (way !== "default") return WAYS[way];
  const found =
    claims.xms_mirid !== undefined
      ? WAYS.msi
      : claims.idtyp === "user" || claims.upn !== undefined
        ? "az login or another developer tool"
        : env.AZURE_FEDERATED_TOKEN_FILE
          ? "a workload identity"
          : claims.appidacr === "2"
            ? WAYS.certificate
            : "a service principal";
  return `${found}, found by DefaultAzureCredential`;
}

async function signedIn(env: NodeJS.ProcessEnv, client: () => JsonClient): Promise<SignedIn> {
  const token = await environmentCredential(env).getToken(SCOPES.arm);
  if (!token) throw new Error("no credential was found");
  const claims = tokenClaims(token.token) ?? {};
  const operation = "list the subscriptions";
  const { body } = await client().send({ method: "GET", path: "/subscriptions", operation });
  const subscriptions = (body as { value?: readonly VisibleSubscription[] } | undefined)?.value ?? [];
  return { way: signInMethod(env, claims), claims, subscriptions };
}

/** What the checks need of settings. */
export function planOf(settings: Settings): DeploymentPlan {
  const { uses, uri, name } = settings.keyVault;
  const { operatorEndpoint } = settings;
  return {
    cloud: settings.cloud,
    location: settings.location,
    resourceGroup: settings.resourceGroupName,
    hub: settings.hub.name,
    hubSku: settings.hub.sku,
    provisioningService: settings.provisioningService.name,
    linkBy: settings.linkBy,
    readsMessages: settings.receiptConsumerGroup !== undefined && settings.localAuth !== "off",
    // An existing one is not created, and gets no role here.
    vault: uses.length === 0 || uri !== undefined ? undefined : { name },
    operator: operatorEndpoint && (operatorEndpoint.containers === undefined ? "storage" : "containers"),
  };
}

const isInvalid = (result: Settings | readonly SettingError[]): result is readonly SettingError[] =>
  Array.isArray(result);

async function readStack({ configuration, project }: Commands, env: NodeJS.ProcessEnv): Promise<Stack> {
  let given: Configuration;
  try {
    given = await configuration();
  } catch (error) {
    const remedy = 'pulumi login, then pulumi stack select <name>; for the dev stack: eval "$(npm run -s env)"';
    const line = firstLine(error);
    // The CLI asks for a token of Pulumi Cloud where no backend is chosen.
    const reason = line.includes("PULUMI_ACCESS_TOKEN") ? "Pulumi is not logged in to a backend" : line;
    // Without a CLI, a backend or a stack there is something to look at still; a named stack has to be there.
    const level = reason.includes("no stack named") ? fail : warn;
    return { name: undefined, findings: [level(`No stack's configuration was read: ${reason}`, remedy)] };
  }
  const source = (key: string): string | undefined => given.values[key.includes(":") ? key : `${project}:${key}`];
  const settings = readSettings(source, env, ownKeys(given.values, project));
  if (!isInvalid(settings)) return { name: given.stack, plan: planOf(settings) };
  const findings = settings.map(
    ({ key, value, rule, remedy }): DoctorResult => fail(`${key} = ${JSON.stringify(value)}: ${rule}`, remedy),
  );
  return { name: given.stack, findings };
}

/** The scene of this process. */
export function liveContext(env: NodeJS.ProcessEnv, commands: Commands): DoctorContext {
  const client = once(
    () => new JsonClient("arm", `https://${ARM_HOST}`, "2022-12-01", { credential: environmentCredential(env) }),
  );
  const signIn = once(() => signedIn(env, client));
  const arm = once(async (): Promise<Arm | undefined> => {
    const { subscriptions } = await signIn();
    const named = env.ARM_SUBSCRIPTION_ID || env.AZURE_SUBSCRIPTION_ID;
    const seen = named
      ? subscriptions.find(({ subscriptionId }) => subscriptionId.toLowerCase() === named.toLowerCase())
      : subscriptions[0];
    if (seen === undefined || (!named && subscriptions.length > 1)) return undefined;
    const { subscriptionId } = seen;
    return {
      subscriptionId,
      send: (method: HttpMethods & ("GET" | "POST"), path, apiVersion, body) =>
        client().send({
          ...{ method, path: `/subscriptions/${subscriptionId}${path}`, apiVersion, body, alsoAccepted: [404] },
          operation: `ask for ${path}`,
        }),
    };
  });
  return {
    env,
    now: () => new Date(),
    nodeVersion: process.versions.node,
    localAzure: once(commands.localAzure),
    isLocalAzureStopped: once(async () => (await stoppedLocalAzure(env)) !== undefined),
    pulumi: once(commands.pulumi),
    go: once(commands.go),
    probe: once((host: string, port: number) => probe(host, port, env)),
    stack: once(() => readStack(commands, env)),
    signIn,
    arm,
  };
}
