import type { AzureClients } from "../../../operator/stack/azureClients";

type Enrollment = { provisioningStatus?: string; etag?: string } & Record<string, unknown>;

/** Azure as the commands see it: a healthy environment that tests change. */
export class FakeAzureClients implements AzureClients {
  /** Enrollments by `group/ID` or `individual/ID`. */
  readonly enrollments = new Map<string, Enrollment>([
    ["group/sample-group", { enrollmentGroupId: "sample-group", provisioningStatus: "enabled", etag: '"1"' }],
  ]);
  linkedHubs = ["hub-1.azure-devices.net"];
  state = "Active";
  /** Whether the provisioning service has its role on the hub. */
  hasRole = true;
  /** Fails every request to the hub. */
  hubError: Error | undefined;
  /** Fails every change of an enrollment. */
  putError: Error | undefined;
  registered: readonly Record<string, unknown>[] = [];
  readonly puts: { readonly id: string; readonly body: unknown; readonly etag: string | undefined }[] = [];

  readonly enrollmentGroup = (_endpoint: string, id: string) => this.#enrollment(`group/${id}`) as never;
  readonly individualEnrollment = (_endpoint: string, id: string) => this.#enrollment(`individual/${id}`) as never;
  readonly registrationRecord = (_endpoint: string, id: string) =>
    ({ get: async () => this.registered.find(({ registrationId }) => registrationId === id) }) as never;
  readonly registrations = () => ({ page: async () => ({ items: this.registered }) }) as never;
  readonly vaultKeys = () => ({ get: async () => undefined, sign: async () => Buffer.alloc(0) }) as never;
  readonly twins = () =>
    ({
      page: async () => {
        if (this.hubError !== undefined) throw this.hubError;
        return { items: [] };
      },
    }) as never;
  readonly dataPlane = () => ({ send: async () => ({ status: 200, body: {} }) });

  async resource(id: string): Promise<unknown> {
    if (id.includes("/roleAssignments/")) return this.hasRole ? { properties: {} } : undefined;
    return { properties: { state: this.state, iotHubs: this.linkedHubs.map((name) => ({ name })) } };
  }

  #enrollment(key: string) {
    return {
      get: async () => this.enrollments.get(key),
      attestation: async () => ({ type: "symmetricKey", symmetricKey: { primaryKey: "a2V5", secondaryKey: "a2V5" } }),
      put: async (body: Enrollment, etag?: string) => {
        if (this.putError !== undefined) throw this.putError;
        this.puts.push({ id: key, body, etag });
        this.enrollments.set(key, body);
        return body;
      },
    };
  }
}
