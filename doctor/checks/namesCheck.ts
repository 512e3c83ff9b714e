import type { Arm, DeploymentPlan } from "../doctorContext";
import { type DoctorResult, fail, ok, warn } from "../doctorResult";
import { listed, member, subscriptionCheck, textOf } from "./subscriptionCheck";

/** A name that must be free in all of Azure. */
interface GlobalName {
  readonly label: string;
  readonly setting: string;
  readonly name: string;
  /** Azure's operation that checks the name, and its body. */
  readonly path: string;
  readonly apiVersion: string;
  readonly body: Readonly<Record<string, string>>;
  /** Where those of this subscription are listed. */
  readonly list: string;
}

function globalNames(plan: DeploymentPlan): readonly GlobalName[] {
  const named = (name: string | undefined, make: (name: string) => GlobalName): readonly GlobalName[] =>
    name === undefined ? [] : [make(name)];
  const devices = "/providers/Microsoft.Devices";
  return [
    ...named(plan.hub, (name) => ({
      ...{ label: "The hub's name", setting: "hubName", name, body: { name }, apiVersion: "2023-06-30" },
      ...{ path: `${devices}/checkNameAvailability`, list: `${devices}/IotHubs` },
    })),
    ...named(plan.provisioningService, (name) => ({
      ...{ label: "The provisioning service's name", setting: "provisioningServiceName", name, body: { name } },
      ...{ apiVersion: "2022-12-12", list: `${devices}/provisioningServices` },
      path: `${devices}/checkProvisioningServiceNameAvailability`,
    })),
    ...named(plan.vault?.name, (name) => ({
      ...{ label: "The vault's name", setting: "keyVaultName", name, apiVersion: "2023-07-01" },
      body: { name, type: "Microsoft.KeyVault/vaults" },
      path: "/providers/Microsoft.KeyVault/checkNameAvailability",
      list: "/providers/Microsoft.KeyVault/vaults",
    })),
  ];
}

async function judge(arm: Arm, { label, setting, name, ...way }: GlobalName): Promise<DoctorResult> {
  const { body } = await arm.send("POST", way.path, way.apiVersion, way.body);
  if (member(body, "nameAvailable") === true) return ok(`${label} ${name} is free`);
  const why = [textOf(body, "reason"), textOf(body, "message")].filter((part) => part !== "").join(": ");
  const own = await listed(arm, way.list, way.apiVersion);
  if (own.some((each) => textOf(each, "name").toLowerCase() === name.toLowerCase())) {
    const remedy = "right if it is this stack's; otherwise take it over by `pulumi import` (docs/real-azure.md)";
    return warn(`${label} ${name} is taken, by this subscription itself`, remedy);
  }
  return fail(`${label} ${name} is not available (${why})`, `pulumi config set ${setting} <another>, or leave it out`);
}

/** Checks that configured names are available; names that Pulumi generates need no check. */
export const names = subscriptionCheck("Names", async (arm, plan) => {
  const list = plan === undefined ? [] : globalNames(plan);
  if (list.length === 0) return [ok("No name is given: all are chosen at the deployment")];
  return Promise.all(list.map((each) => judge(arm, each)));
});
