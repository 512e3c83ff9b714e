import { strict as assert } from "node:assert";
import { createHttpHeaders, type HttpClient, type PipelineRequest } from "@azure/core-rest-pipeline";
import { SCOPES } from "../../../azure/apiVersions";
import { CertificatesClient } from "../../../azure/clients/certificatesClient";
import { EnrollmentClient, serviceClient } from "../../../azure/clients/enrollmentClient";
import { EnrollmentListClient } from "../../../azure/clients/enrollmentListClient";
import { IdentityClient } from "../../../azure/clients/identityClient";
import type { ClientOptions } from "../../../azure/clients/jsonClient";
import { RegistrationRecordClient } from "../../../azure/clients/registrationRecordClient";
import { TwinsClient } from "../../../azure/clients/twinsClient";

interface Scripted {
  readonly status: number;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly text?: string;
  readonly headers?: Record<string, string>;
}

/** Options over a network that responds from a list and records the requests. */
function scripted(...responses: readonly Scripted[]): {
  options: ClientOptions;
  seen: PipelineRequest[];
  scopes: string[];
} {
  const left = [...responses];
  const seen: PipelineRequest[] = [];
  const scopes: string[] = [];
  const httpClient: HttpClient = {
    async sendRequest(request) {
      seen.push(request);
      const { status, body, text = "", headers } = left.shift() ?? { status: 500 };
      const bodyAsText = body === undefined ? text : JSON.stringify(body);
      return { request, status, headers: createHttpHeaders(headers), bodyAsText };
    },
  };
  const credential = {
    async getToken(asked: string | string[]) {
      scopes.push(...[asked].flat());
      return { token: "token-1", expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
  return { options: { httpClient, credential, retryDelayMs: 1 }, seen, scopes };
}

const GROUP = { enrollmentGroupId: "g:1", attestation: { type: "x509" } } as const;

describe("the clients over the Azure SDK's pipeline", () => {
  it("address an enrollment by its kind, with a token for DPS and no If-Match at creation", async () => {
    const { options, seen, scopes } = scripted({ status: 200, body: GROUP });
    await new EnrollmentClient("group", serviceClient("d.azure-devices-provisioning.net", options), "g:1").put(GROUP);
    const [request] = seen;
    assert.equal(
      request?.url,
      "https://d.azure-devices-provisioning.net/enrollmentGroups/g%3A1?api-version=2021-10-01",
    );
    assert.equal(request?.method, "PUT");
    assert.equal(request?.headers.get("authorization"), "Bearer token-1");
    assert.equal(request?.headers.get("if-match"), undefined);
    assert.deepEqual(scopes, ["https://azure-devices-provisioning.net/.default"]);
  });

  it("send the ETag at an update and a deletion", async () => {
    const { options, seen } = scripted({ status: 200, body: GROUP }, { status: 204 });
    const client = new EnrollmentClient("group", serviceClient("d", options), "g");
    await client.put(GROUP, '"e1"');
    await client.delete("*");
    assert.deepEqual(
      seen.map((request) => request.headers.get("if-match")),
      ['"e1"', "*"],
    );
  });

  it("take 404 for absent at a read, and for done at a deletion", async () => {
    const gone = { status: 404, body: { errorCode: 404201 } };
    const { options, seen } = scripted(gone, gone, gone, gone, gone, gone);
    const enrollment = new EnrollmentClient("individual", serviceClient("d", options), "r");
    assert.equal(await enrollment.get(), undefined);
    await enrollment.delete("*");
    assert.equal(await new RegistrationRecordClient("d", "r", options).get(), undefined);
    await new RegistrationRecordClient("d", "r", options).delete();
    assert.equal(await new IdentityClient("h", "r", options).get(), undefined);
    await new IdentityClient("h", "r", options).delete();
    assert.deepEqual(
      seen.map(({ method, url, headers }) => `${method} ${url} ${headers.get("if-match") ?? ""}`.trimEnd()),
      [
        "GET https://d/enrollments/r?api-version=2021-10-01",
        "DELETE https://d/enrollments/r?api-version=2021-10-01 *",
        "GET https://d/registrations/r?api-version=2021-10-01",
        "DELETE https://d/registrations/r?api-version=2021-10-01 *",
        "GET https://h/devices/r?api-version=2021-04-12",
        "DELETE https://h/devices/r?api-version=2021-04-12 *",
      ],
    );
  });

  it("take a service for gone whose name is free again, as when it was deleted behind Pulumi's back", async () => {
    const refused = { status: 401, body: { errorCode: 401002, message: "Unauthorized" } };
    const subscriptions = { status: 200, body: { value: [{ subscriptionId: "s1" }] } };
    const free = (nameAvailable: boolean) => ({ status: 200, body: { nameAvailable } });
    const gone = scripted(refused, subscriptions, free(true), refused, subscriptions, free(true));
    const client = new EnrollmentClient("group", serviceClient("d.azure-devices-provisioning.net", gone.options), "g");
    assert.equal(await client.get(), undefined);
    await client.delete("*");
    const check = "/providers/Microsoft.Devices/checkProvisioningServiceNameAvailability";
    assert.ok(
      gone.seen[2]?.url.startsWith(`https://management.azure.com/subscriptions/s1${check}?`),
      gone.seen[2]?.url,
    );
    assert.equal(gone.seen[2]?.body, '{"name":"d"}');

    const hub = scripted(refused, subscriptions, free(true));
    assert.equal(await new IdentityClient("h.azure-devices.net", "r", hub.options).get(), undefined);
    assert.match(hub.seen[2]?.url ?? "", /\/providers\/Microsoft\.Devices\/checkNameAvailability\?/);

    // A proxy on the way cannot resolve the name, and says so in the service's place, at every try.
    const unresolved = Array.from({ length: 5 }, () => ({ status: 502 }));
    const proxied = scripted(...unresolved, subscriptions, free(true));
    assert.equal(await new IdentityClient("h.azure-devices.net", "r", proxied.options).get(), undefined);
    const failing = scripted(...unresolved, subscriptions, free(false));
    await assert.rejects(new IdentityClient("h.azure-devices.net", "r", failing.options).get(), /HTTP 502/);

    const list = scripted(refused, subscriptions, free(true), refused, subscriptions, free(true));
    const all = new EnrollmentListClient(serviceClient("d", list.options));
    assert.deepEqual((await all.page(10)).items, []);
    assert.deepEqual(await all.run("delete", [{ registrationId: "r", attestation: { type: "x509" } }]), []);
  });

  it("report the refusal of a service that exists, or whose existence is unknown", async () => {
    const refused = { status: 401, body: { errorCode: 401002, message: "Unauthorized" } };
    const subscriptions = { status: 200, body: { value: [{ subscriptionId: "s1" }] } };
    const denied = { status: 403, body: { error: { code: "AuthorizationFailed", message: "no" } } };
    for (const responses of [
      [subscriptions, { status: 200, body: { nameAvailable: false } }],
      [subscriptions, denied],
      [{ status: 200, body: { value: [] } }],
    ]) {
      const { options } = scripted(refused, ...responses);
      const client = new EnrollmentClient("group", serviceClient("d", options), "g");
      await assert.rejects(client.get(), /Could not read enrollment group "g".*401002/s);
    }
    const { options, seen } = scripted(refused);
    await assert.rejects(new EnrollmentClient("group", serviceClient("d", options), "g").put(GROUP), /401002/);
    assert.equal(seen.length, 1, "a call that knows no absence asks no further");
  });

  it("wait for a provisioning service that is in the middle of another change, and for nothing else", async () => {
    const said = (code: number, message: string) => ({
      status: 409,
      body: { code, httpStatusCode: "Conflict", message },
    });
    const name = "zero-touch-root";
    const unsettled = said(409002, "Provisioning service 'd' is in the state Transitioning and takes no change now.");
    const inactive = said(409000, "The IotDps d is not in active state.");
    const good = { status: 200, body: { name } };
    const waiting = scripted(unsettled, { ...inactive, headers: { "retry-after": "0" } }, unsettled, good);
    const certificate = (options: ClientOptions) => new CertificatesClient("/subscriptions/s", name, options);
    assert.deepEqual(await certificate(waiting.options).put("pem", false), { name });
    assert.equal(waiting.seen.length, 4);

    const taken = scripted(said(409004, "The name is taken."), good);
    await assert.rejects(certificate(taken.options).put("pem", false), /returned 409004: The name is taken/);
    assert.equal(taken.seen.length, 1);
  });

  it("say that the service is in the middle of another change when that does not end", async () => {
    const body = { code: 409002, httpStatusCode: "Conflict", message: "is in the state Transitioning" };
    const { options, seen } = scripted(...Array.from({ length: 80 }, () => ({ status: 409, body })));
    const deleted = new CertificatesClient("/subscriptions/s", "root", options).delete('"e"');
    await assert.rejects(deleted, /Could not delete certificate "root".*409002.*Wait until it is done/s);
    assert.equal(seen.length, 61);
  });

  it("read symmetric keys with the query for keys; a missing enrollment has none", async () => {
    const keys = { type: "symmetricKey", symmetricKey: { primaryKey: "cA==", secondaryKey: "cw==" } };
    const { options, seen } = scripted({ status: 200, body: keys }, { status: 404, body: { errorCode: 404201 } });
    const client = new EnrollmentClient("group", serviceClient("d", options), "g");
    assert.deepEqual(await client.attestation(), keys);
    assert.equal(await client.attestation(), undefined);
    assert.equal(seen[0]?.method, "POST");
    assert.equal(seen[0]?.url, "https://d/enrollmentGroups/g/attestationmechanism?api-version=2021-10-01");
  });

  it("set a device's status with its ETag and keep the rest; send nothing for a missing device or an unchanged status", async () => {
    const identity = { deviceId: "r", etag: "AAA=", status: "enabled", authentication: { type: "selfSigned" } };
    const there = { status: 200, body: identity };
    const { options, seen } = scripted(there, there, there, { status: 404, body: { errorCode: 404001 } });
    const client = new IdentityClient("h", "r", options);
    await client.setStatus("disabled", "because");
    assert.equal(seen[1]?.headers.get("if-match"), '"AAA="');
    assert.deepEqual(JSON.parse(String(seen[1]?.body)), { ...identity, status: "disabled", statusReason: "because" });
    await client.setStatus("enabled", "");
    await client.setStatus("disabled", "because");
    assert.equal(seen.length, 4);
  });

  it("set a status again if the identity was changed meanwhile, such as by a call with a lost response", async () => {
    const identity = (etag: string, status = "enabled") => ({ status: 200, body: { deviceId: "r", etag, status } });
    const stale = { status: 412, body: { Message: "ErrorCode:PreconditionFailed;x" } };
    const lost = scripted(identity("1"), stale, identity("2", "disabled"));
    await new IdentityClient("h", "r", lost.options).setStatus("disabled", "because");
    assert.equal(lost.seen.length, 3, "it exists");
    const changed = scripted(identity("1"), stale, identity("2"), { status: 200, body: {} });
    await new IdentityClient("h", "r", changed.options).setStatus("disabled", "because");
    assert.equal(changed.seen[3]?.headers.get("if-match"), '"2"');
    const ever = scripted(identity("1"), stale, identity("2"), stale, identity("3"), stale);
    await assert.rejects(new IdentityClient("h", "r", ever.options).setStatus("disabled", "because"), /412001/);
  });

  it("give a status up after the third change of others, and at once after any other refusal", async () => {
    const identity = { status: 200, body: { deviceId: "r", status: "enabled", etag: "e" } };
    const stale = { status: 412, body: { Message: "ErrorCode:PreconditionFailed;x" } };
    const busy = scripted(identity, stale, identity, stale, identity, stale, identity);
    await assert.rejects(new IdentityClient("h", "r", busy.options).setStatus("disabled", "x"), /returned 412001/);
    assert.equal(busy.seen.length, 6);
    const refused = scripted(identity, { status: 400, body: { Message: "ErrorCode:ArgumentInvalid;x" } }, identity);
    await assert.rejects(new IdentityClient("h", "r", refused.options).setStatus("disabled", "x"), /returned 400004/);
    assert.equal(refused.seen.length, 2);
    const untagged = scripted({ status: 200, body: { deviceId: "r", status: "enabled" } }, { status: 200, body: {} });
    await new IdentityClient("h", "r", untagged.options).setStatus("disabled", "x");
    assert.equal(untagged.seen[1]?.headers.get("if-match"), "*");
  });

  it("change enrollments in bulk, report the refused ones with an explanation, and read them page by page", async () => {
    const errors = [{ registrationId: "a", errorCode: 409201, errorStatus: "Enrollment already exists" }];
    const body = [{ registrationId: "a", attestation: { type: "tpm" } }];
    const { options, seen } = scripted(
      { status: 200, body: { isSuccessful: false, errors } },
      { status: 200, body: { isSuccessful: true } },
      { status: 200, body, headers: { "x-ms-continuation": "next" } },
      { status: 200, body: [] },
    );
    const client = new EnrollmentListClient(serviceClient("d", options));
    const enrollment = { registrationId: "a", attestation: { type: "symmetricKey", symmetricKey: {} } } as const;
    const [refused] = await client.run("create", [enrollment]);
    assert.deepEqual([refused?.registrationId, refused?.code, refused?.said], ["a", "409201", errors[0]?.errorStatus]);
    assert.match(refused?.explanation.meaning ?? "", /already exists/);
    assert.deepEqual(await client.run("delete", [enrollment]), []);
    assert.deepEqual(await client.page(100), { items: body, continuation: "next" });
    assert.deepEqual(await client.page(100, "next"), { items: [], continuation: undefined });
    assert.deepEqual(JSON.parse(String(seen[0]?.body)), { mode: "create", enrollments: [enrollment] });
    assert.deepEqual(
      seen.map(({ headers }) => [headers.get("x-ms-max-item-count"), headers.get("x-ms-continuation")]).slice(1),
      [
        [undefined, undefined],
        ["100", undefined],
        ["100", "next"],
      ],
    );
    assert.equal(new URL(seen[2]?.url ?? "").pathname, "/enrollments/query");
  });

  it("read the twins of a hub page by page", async () => {
    const twin = { deviceId: "a", x509Thumbprint: { primaryThumbprint: "AB", secondaryThumbprint: null } };
    const { options, seen, scopes } = scripted(
      { status: 200, body: [twin], headers: { "x-ms-continuation": "next" } },
      { status: 200, body: [] },
    );
    const client = new TwinsClient("h.azure-devices.net", options);
    assert.deepEqual(await client.page(1000), { items: [twin], continuation: "next" });
    assert.deepEqual(await client.page(1000, "next"), { items: [], continuation: undefined });
    assert.equal(seen[1]?.headers.get("x-ms-continuation"), "next");
    assert.deepEqual([new URL(seen[0]?.url ?? "").pathname, scopes[0]], ["/devices/query", SCOPES.hub]);
  });

  it("find no twins in a hub that is gone", async () => {
    const refused = { status: 401, body: { Message: "ErrorCode:IotHubUnauthorizedAccess;x" } };
    const subscriptions = { status: 200, body: { value: [{ subscriptionId: "s1" }] } };
    const gone = scripted(refused, subscriptions, { status: 200, body: { nameAvailable: true } });
    assert.deepEqual(await new TwinsClient("h.azure-devices.net", gone.options).page(10), {
      items: [],
      continuation: undefined,
    });
    const exists = scripted(refused, subscriptions, { status: 200, body: { nameAvailable: false } });
    await assert.rejects(new TwinsClient("h.azure-devices.net", exists.options).page(10), /query the devices of h/);
  });

  it("fail with Azure's code and its explanation", async () => {
    const body = { errorCode: 409201, trackingId: "t", message: "Enrollment already exists" };
    const { options } = scripted({ status: 409, body });
    const put = new EnrollmentClient("group", serviceClient("d", options), "g").put(GROUP);
    await assert.rejects(put, /Could not create enrollment group "g".*409201: Enrollment already exists.*To fix/s);
  });

  it("report a successful response that is not JSON, without quoting it", async () => {
    const { options } = scripted({ status: 200, text: "<html>sign in, secret=1</html>" });
    await assert.rejects(new EnrollmentClient("group", serviceClient("d", options), "g").get(), (error: Error) => {
      assert.match(error.message, /enrollment group "g"[\s\S]*HTTP 200: the response is not JSON/);
      assert.ok(!error.message.includes("secret=1"));
      return true;
    });
  });

  it("try again where the service throttles", async () => {
    const { options, seen } = scripted({ status: 429, headers: { "retry-after": "0" } }, { status: 200, body: GROUP });
    assert.deepEqual(await new EnrollmentClient("group", serviceClient("d", options), "g").get(), GROUP);
    assert.equal(seen.length, 2);
  });

  it("speak to ARM of certificates: base64 of PEM, the last ETag, and a token for ARM", async () => {
    const body = { etag: "e", properties: {} };
    const fine = { status: 200, body };
    const { options, seen, scopes } = scripted(fine, fine, fine, fine);
    const client = new CertificatesClient("/subscriptions/s/x/provisioningServices/d", "root", options);
    await client.put("PEM", false);
    await client.generateVerificationCode("e1");
    await client.verify("LEAF", "e2");
    await client.delete("e3");
    const base = "https://management.azure.com/subscriptions/s/x/provisioningServices/d/certificates/root";
    assert.deepEqual(
      seen.map(({ method, url, headers }) => [method, url.replace(base, ""), headers.get("if-match")]),
      [
        ["PUT", "?api-version=2022-12-12", undefined],
        ["POST", "/generateVerificationCode?api-version=2022-12-12", "e1"],
        ["POST", "/verify?api-version=2022-12-12", "e2"],
        ["DELETE", "?api-version=2022-12-12", "e3"],
      ],
    );
    assert.equal(seen[0]?.body, '{"properties":{"certificate":"UEVN","isVerified":false}}');
    assert.equal(seen[2]?.body, '{"certificate":"TEVBRg=="}');
    assert.deepEqual(scopes, ["https://management.azure.com/.default"]);
  });

  it("report a network without a response", async () => {
    const { options } = scripted();
    const broken: ClientOptions = {
      ...options,
      httpClient: { sendRequest: () => Promise.reject(new Error("socket hang up")) },
    };
    await assert.rejects(new IdentityClient("h.net", "r", broken).get(), /no response from h\.net: socket hang up/);
  });
});
