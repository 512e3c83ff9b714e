import type { ArmDependencies } from "../../emulator/arm/armDependencies";
import { ArmDirectory } from "../../emulator/arm/armDirectory";
import { armService } from "../../emulator/arm/armService";
import { AccessTokens } from "../../emulator/entra/accessTokens";
import { newSigningKey } from "../../emulator/entra/signingKey";
import { type Served, type ServedAnswer, serve } from "./served";
import { type TestDependencies, testDependencies } from "./testDependencies";

/** The tenant of the tests. */
export const TENANT = Object.freeze({
  tenantId: "11111111-1111-4111-8111-111111111111",
  subscriptionId: "22222222-2222-4222-8222-222222222222",
  clientId: "33333333-3333-4333-8333-333333333333",
  objectId: "44444444-4444-4444-8444-444444444444",
  clientSecret: "the client's secret",
});

const key = newSigningKey();

/** Tokens of that tenant. Their key is made once for the whole run. */
export const tokensOf = (services: TestDependencies): AccessTokens => new AccessTokens(TENANT, key, services);

/** ARM alone, over a store in memory, with a hand clock. */
export interface ArmHarness extends Served {
  readonly services: TestDependencies;
  readonly deps: ArmDependencies;
  readonly tokens: AccessTokens;
  /** A call below the subscription, signed in, with an api-version. */
  arm(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<ServedAnswer>;
}

export async function armHarness(): Promise<ArmHarness> {
  const services = testDependencies();
  const tokens = tokensOf(services);
  const directory = new ArmDirectory(services, TENANT.subscriptionId);
  const { definition, deps } = armService(services, { directory, tenantId: TENANT.tenantId, tokens });
  const served = await serve(definition);
  return {
    ...served,
    services,
    deps,
    tokens,
    arm(method, path, body, headers = {}) {
      const url = `/subscriptions/${TENANT.subscriptionId}${path}${path.includes("?") ? "&" : "?"}api-version=2023-06-30`;
      const authorization = `Bearer ${tokens.issue("https://management.azure.com")}`;
      return served.send(method, url, body, { authorization, ...headers });
    },
  };
}

/** The `error` of ARM's envelope, or the body of an error of Microsoft.Devices: its code and message. */
export function faultOf({ body }: ServedAnswer): { code: unknown; message: string } {
  const outer = body as { error?: { code: unknown; message: string }; code?: unknown; message?: string };
  return { code: outer.error?.code ?? outer.code, message: outer.error?.message ?? outer.message ?? "" };
}
