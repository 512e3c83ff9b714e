import type { ArmDependencies } from "../../emulator/arm/armDependencies";
import { ArmDirectory } from "../../emulator/arm/armDirectory";
import { armDependencies, armService } from "../../emulator/arm/armService";
import { AccessTokens } from "../../emulator/entra/accessTokens";
import type { Clock } from "../../emulator/kernel/clock";
import { entraKey } from "./rsaKeys";
import { type Served, type ServedResponse, serve } from "./served";
import { type TestDependencies, testDependencies } from "./testDependencies";

/** The tenant of the tests. */
export const TENANT = Object.freeze({
  tenantId: "11111111-1111-4111-8111-111111111111",
  subscriptionId: "22222222-2222-4222-8222-222222222222",
  clientId: "33333333-3333-4333-8333-333333333333",
  objectId: "44444444-4444-4444-8444-444444444444",
  clientSecret: "the client's secret",
});

const key = entraKey();

/** Tokens of that tenant. Their key is made once for the whole run. */
export const tokensOf = (shared: TestDependencies): AccessTokens => new AccessTokens(TENANT, key, shared);

/** Tokens by audience, issued again when the clock has moved: to sign one takes 1 ms. */
export function keptTokens(tokens: AccessTokens, clock: Clock): (audience: string) => string {
  const kept = new Map<string, string>();
  let issuedAt = Number.NaN;
  return (audience) => {
    const now = clock.now().getTime();
    if (now !== issuedAt) kept.clear();
    issuedAt = now;
    const token = kept.get(audience) ?? tokens.issue(audience);
    kept.set(audience, token);
    return token;
  };
}

/** ARM alone, over a database in memory, with a clock that tests advance. */
export interface ArmHarness extends Served {
  readonly shared: TestDependencies;
  readonly deps: ArmDependencies & { readonly directory: ArmDirectory };
  readonly tokens: AccessTokens;
  /** Sends a request below the subscription, signed in, with the api-version 2023-06-30 unless the path has one. */
  arm(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ServedResponse>;
}

export async function armHarness(): Promise<ArmHarness> {
  const shared = testDependencies();
  const tokens = tokensOf(shared);
  const directory = new ArmDirectory(shared, TENANT);
  const deps = armDependencies(shared, { directory, tenantId: TENANT.tenantId, tokens });
  const served = await serve(armService(deps));
  const token = keptTokens(tokens, shared.clock);
  return {
    ...served,
    shared,
    deps: { ...deps, directory },
    tokens,
    arm(method, path, body, headers = {}) {
      const version = path.includes("api-version=") ? "" : `${path.includes("?") ? "&" : "?"}api-version=2023-06-30`;
      const url = `/subscriptions/${TENANT.subscriptionId}${path}${version}`;
      const authorization = `Bearer ${token("https://management.azure.com")}`;
      return served.send(method, url, body, { authorization, ...headers });
    },
  };
}

/** The `error` of ARM's envelope, or the body of an error of Microsoft.Devices: its code and message. */
export function errorOf({ body }: ServedResponse): { code: unknown; message: string } {
  const outer = body as { error?: { code: unknown; message: string }; code?: unknown; message?: string };
  return { code: outer.error?.code ?? outer.code, message: outer.error?.message ?? outer.message ?? "" };
}
