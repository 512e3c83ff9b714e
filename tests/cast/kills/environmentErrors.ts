import { readFileSync } from "node:fs";
import { logFile } from "../../../cli/local/localAzureProcess";
import { stateFile } from "../../../cli/pulumi/stackState";
import type { Checkout, CommandEnd } from "../checkout";
import { expectedInventory, inventoryOf, type StackOutputs } from "./azureInventory";
import { ENROLLMENT_FILES, type StackSettings } from "./stackChanges";

const SECRET = /PRIVATE KEY|SharedAccessKey=(?!\*)/;

/** What is wrong with the environment after an `up` that ended with 0: parts that are missing, doubled or left over, and secrets. */
export async function environmentErrors(
  checkout: Checkout,
  settings: StackSettings,
  up: CommandEnd,
): Promise<readonly string[]> {
  const { outputs = {}, pending = [] } = checkout.state ?? {};
  return [
    ...pending.map(({ type, resource }) => `pending: ${type} ${resource.urn}`),
    ...summaryErrors(up),
    ...deviceErrors(settings, outputs),
    ...(await inventoryErrors(checkout, settings, outputs)),
    ...secretErrors(checkout, up),
    ...checkout
      .processes()
      .filter(({ pid }) => pid !== checkout.ready.pid)
      .map(({ args }) => `a process is left: ${args}`),
  ];
}

function summaryErrors({ stdout }: CommandEnd): readonly string[] {
  const expected = [/The environment is deployed on the local Azure\./, /Root certificate +\S+, verified/];
  return expected.filter((each) => !each.test(stdout)).map((each) => `the output has no ${each.source}`);
}

const revokedIds = (settings: StackSettings): readonly string[] => settings.revoked as readonly string[];

function deviceErrors(settings: StackSettings, { devices = [] }: StackOutputs): readonly string[] {
  const works = ({ status, telemetry }: (typeof devices)[number]) =>
    status === "assigned" && telemetry?.accepted === 204;
  return devices
    .filter((each) => (revokedIds(settings).includes(each.registrationId) ? each.status !== "disabled" : !works(each)))
    .map((each) => `a device is ${JSON.stringify(each)}`);
}

async function inventoryErrors(
  checkout: Checkout,
  settings: StackSettings,
  outputs: StackOutputs,
): Promise<readonly string[]> {
  const found = await inventoryOf(checkout.ready);
  // A revoked device keeps the identity that it had, under its ID of then, and gets none where it had none.
  const revoked = revokedDevices(settings, outputs);
  const names = (kind: string, all: readonly string[] = []) =>
    JSON.stringify(kind === "devices" ? all.filter((name) => !revoked.has(name)) : all);
  return Object.entries(expectedInventory(settings, outputs, ENROLLMENT_FILES))
    .map(([kind, wanted]) => [kind, names(kind, found[kind]), names(kind, wanted)] as const)
    .flatMap(([kind, is, wanted]) => (is === wanted ? [] : [`${kind}: ${is}, not ${wanted}`]));
}

/** Registration IDs and device IDs of the revoked devices: in the settings, and in the stack's outputs. */
function revokedDevices(settings: StackSettings, { devices = [] }: StackOutputs): ReadonlySet<string> {
  const ids = revokedIds(settings);
  const individuals = (settings.individualDevices as readonly string[]).map((each) => each.split("="));
  return new Set([
    ...ids,
    ...individuals.filter(([id = ""]) => ids.includes(id)).map(([id = "", device = id]) => device),
    ...devices.filter(({ registrationId }) => ids.includes(registrationId)).map(({ deviceId }) => deviceId),
  ]);
}

function secretErrors(checkout: Checkout, { stdout, stderr }: CommandEnd): readonly string[] {
  const log = readFileSync(logFile(checkout.paths.azure), "utf8");
  const texts = { stdout, stderr, log, state: readFileSync(stateFile(checkout.paths), "utf8") };
  return Object.entries(texts)
    .filter(([, text]) => SECRET.test(text) || text.includes(checkout.ready.clientSecret))
    .map(([name]) => `a secret is in ${name}`);
}
