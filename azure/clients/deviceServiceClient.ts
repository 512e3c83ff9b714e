/**
 * The data plane of one IoT hub or one provisioning service. After the resource is deleted outside of Pulumi, its host name no
 * longer resolves, or requests return 401 in place of 404. The client then checks whether the name is available, and returns 404
 * if it is.
 */
import { API_VERSIONS } from "../apiVersions";
import { ARM_HOST } from "../hosts";
import { AzureError, UnreachableError } from "./azureError";
import { type ClientOptions, JsonClient, type JsonRequest, type JsonResponse } from "./jsonClient";

/** ARM's check of a name of each kind (REST "Check Name Availability"). */
const CHECKS = {
  dps: { check: "checkProvisioningServiceNameAvailability", apiVersion: API_VERSIONS.provisioningServices },
  hub: { check: "checkNameAvailability", apiVersion: API_VERSIONS.iotHubs },
} as const;

/** Of `/subscriptions`. */
const SUBSCRIPTIONS_VERSION = "2022-12-01";

/** A proxy's responses if it cannot resolve or reach a name. */
const PROXY_STATUSES: readonly number[] = [502, 503, 504];

/** Whether the error may mean that the resource is deleted. */
function mayBeGone(error: unknown): boolean {
  if (error instanceof AzureError) return error.status === 401 || PROXY_STATUSES.includes(error.status);
  return error instanceof UnreachableError && (error.cause as { code?: unknown } | undefined)?.code === "ENOTFOUND";
}

/** A page of a query. */
export interface QueryPage<T> {
  readonly items: readonly T[];
  /** The continuation token of the next page; absent on the last one. */
  readonly continuation?: string;
}

/** Sends requests to one hub or one provisioning service; 404 if the whole resource is gone. */
export class DeviceServiceClient extends JsonClient {
  /** `host` is the resource's host name; its first label is the name. */
  constructor(
    private readonly kind: keyof typeof CHECKS,
    private readonly host: string,
    options: ClientOptions,
  ) {
    super(kind, `https://${host}`, kind === "dps" ? API_VERSIONS.dpsService : API_VERSIONS.hubService, options);
  }

  /** As {@link JsonClient.send}; where the call takes 404 for absence, a resource that is gone is absence too. */
  override async send(call: JsonRequest): Promise<JsonResponse> {
    try {
      return await super.send(call);
    } catch (error) {
      const isGone = call.alsoAccepted?.includes(404) && mayBeGone(error) && (await this.#isGone());
      if (!isGone) throw error;
      return { status: 404, body: undefined };
    }
  }

  /** A page of up to `size` things that a query finds; none where the resource is gone itself, as a query knows no other 404. */
  async query<T>(
    call: Pick<JsonRequest, "path" | "operation"> & { readonly query: string },
    size: number,
    continuation?: string,
  ): Promise<QueryPage<T>> {
    const { query, ...rest } = call;
    const next = continuation === undefined ? undefined : { "x-ms-continuation": continuation };
    const headers = { "x-ms-max-item-count": String(size), ...next };
    const response = await this.send({ ...rest, method: "POST", headers, body: { query }, alsoAccepted: [404] });
    return { items: (response.body as readonly T[] | undefined) ?? [], continuation: response.continuation };
  }

  /** Names of hubs and of provisioning services are one of a kind in all of Azure, so any subscription may ask. */
  async #isGone(): Promise<boolean> {
    const { check, apiVersion } = CHECKS[this.kind];
    const name = this.host.split(".", 1)[0];
    const arm = new JsonClient("arm", `https://${ARM_HOST}`, SUBSCRIPTIONS_VERSION, this.options);
    try {
      const { body } = await arm.send({ method: "GET", path: "/subscriptions", operation: "list the subscriptions" });
      const [first] = (body as { value?: { subscriptionId: string }[] }).value ?? [];
      if (!first) return false;
      const path = `/subscriptions/${first.subscriptionId}/providers/Microsoft.Devices/${check}`;
      const operation = `ask whether the name "${name}" is free`;
      const response = await arm.send({ method: "POST", path, apiVersion, body: { name }, operation });
      return (response.body as { nameAvailable?: unknown }).nameAvailable === true;
    } catch {
      // Not known to be gone: the original failure is thrown.
      return false;
    }
  }
}
