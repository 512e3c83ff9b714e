import type { Check, SignedIn } from "../doctorContext";
import { type DoctorResult, fail, firstLine, ok, warn } from "../doctorResult";

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

function identity({ claims }: SignedIn): string {
  const name = text(claims.upn) ?? text(claims.unique_name) ?? text(claims.appid);
  return `${name ?? "an identity without a name"} (object ${text(claims.oid) ?? "unknown"})`;
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Entra gives a token, for the tenant and a subscription that are meant. */
export const signIn: Check = {
  name: "Sign-in",
  async find(context) {
    const { env } = context;
    let signed: SignedIn;
    try {
      signed = await context.signIn();
    } catch (error) {
      const remedy = "az login, or set one of the ways in docs/team-settings.md (ARM_* and AZURE_* variables)";
      return [fail(`Entra gave no token: ${firstLine(error)}`, remedy)];
    }
    const findings: DoctorResult[] = [ok(`Signed in by ${signed.way} as ${identity(signed)}`)];
    const tenant = text(signed.claims.tid);
    for (const name of ["ARM_TENANT_ID", "AZURE_TENANT_ID"]) {
      const wanted = env[name];
      if (wanted === undefined || wanted === "" || tenant === undefined || same(wanted, tenant)) continue;
      const remedy = `sign in to that tenant (az login --tenant ${wanted}), or unset ${name}`;
      findings.push(fail(`The token is of tenant ${tenant}, and ${name} is ${wanted}`, remedy));
    }
    const [arm, azure] = [env.ARM_SUBSCRIPTION_ID, env.AZURE_SUBSCRIPTION_ID];
    if (arm && azure && !same(arm, azure)) {
      findings.push(fail("ARM_SUBSCRIPTION_ID and AZURE_SUBSCRIPTION_ID differ", "set both to the same subscription"));
    }
    const wanted = arm || azure;
    const { subscriptions } = signed;
    const found = wanted ? subscriptions.find(({ subscriptionId }) => same(subscriptionId, wanted)) : subscriptions[0];
    if (wanted && !found) {
      const remedy = "give the identity a role in it, or name another in ARM_SUBSCRIPTION_ID";
      findings.push(fail(`The subscription ${wanted} is not one that this identity sees`, remedy));
    } else if (!found) {
      const remedy = "give the identity a role in a subscription, at least Reader";
      findings.push(fail("This identity sees no subscription", remedy));
    } else if (!wanted && subscriptions.length > 1) {
      const remedy = "export ARM_SUBSCRIPTION_ID=<id>; the checks of the subscription are left out until then";
      findings.push(warn(`This identity sees ${subscriptions.length} subscriptions, and none is named`, remedy));
    } else if (found.state !== "Enabled" && found.state !== "Warned") {
      const remedy = "see its state in the portal under Subscriptions, or choose another";
      findings.push(fail(`The subscription ${found.displayName} is ${found.state}`, remedy));
    } else findings.push(ok(`Subscription ${found.displayName} (${found.subscriptionId})`));
    return findings;
  },
};
