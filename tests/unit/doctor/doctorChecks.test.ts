import { strict as assert } from "node:assert";
import { environment } from "../../../doctor/checks/environmentCheck";
import { limits } from "../../../doctor/checks/limitsCheck";
import { names } from "../../../doctor/checks/namesCheck";
import { clock, network } from "../../../doctor/checks/networkCheck";
import { allows, permissions } from "../../../doctor/checks/permissionsCheck";
import { providers } from "../../../doctor/checks/providersCheck";
import { signIn } from "../../../doctor/checks/signInCheck";
import { stack } from "../../../doctor/checks/stackCheck";
import { tools } from "../../../doctor/checks/toolsCheck";
import type { Check, ProbeResult } from "../../../doctor/doctorContext";
import { jsonReport, textReport } from "../../../doctor/doctorReport";
import { fail } from "../../../doctor/doctorResult";
import { CHECKS, examine, worst } from "../../../doctor/examine";
import {
  AZURE_TIME,
  context,
  type DoctorOverrides,
  GOOD_HOST,
  OTHER_TENANT,
  SUBSCRIPTION,
} from "../../cast/doctorContext";

const ARM = "management.azure.com:443";
const HUBS = "/providers/Microsoft.Devices/IotHubs";
const SERVICES = "/providers/Microsoft.Devices/provisioningServices";

/** The results of a check that are not ok, with this part of the context replaced. */
async function troubles(check: Check, parts: DoctorOverrides = {}): Promise<string[]> {
  const findings = await check.find(context(parts));
  for (const { level, remedy } of findings) assert.equal(remedy === undefined, level === "ok", "a way out");
  return findings.filter(({ level }) => level !== "ok").map(({ level, message }) => `${level} ${message}`);
}

const seen = (parts: Partial<ProbeResult>): ProbeResult => ({ ...GOOD_HOST, ...parts }) as ProbeResult;

interface Case {
  readonly check: Check;
  readonly what: string;
  readonly parts: DoctorOverrides;
  readonly says: RegExp;
}

const CASES: readonly Case[] = [
  { check: tools, what: "an old Node", parts: { nodeVersion: "18.19.0" }, says: /^fail Node 18\.19\.0 is too old/ },
  {
    check: tools,
    what: "no Pulumi",
    parts: { pulumi: async () => ({ version: undefined, notes: ["there is no pulumi on PATH"] }) },
    says: /^warn There is no Pulumi CLI yet: there is no pulumi on PATH/,
  },
  {
    check: environment,
    what: "a local Azure that does not run",
    parts: { env: { ZERO_TOUCH_CLOUD: "local" } },
    says: /^fail This shell points at the local Azure, and it is not running/,
  },
  {
    check: environment,
    what: "a local Azure that was stopped since",
    parts: {
      env: { ZERO_TOUCH_CLOUD: "local", ZERO_TOUCH_LOCAL_CONTROL: "http://127.0.0.1:1" },
      isLocalAzureStopped: async () => true,
    },
    says: /^fail This shell points at the local Azure, and it is not running/,
  },
  {
    check: environment,
    what: "a proxy without exemption of the loopback",
    parts: { env: { HTTPS_PROXY: "http://user:pass@proxy:8080" } },
    says: /^warn NO_PROXY does not name 127\.0\.0\.1/,
  },
  {
    check: environment,
    what: "a proxy without a scheme, which Go takes and Node does not",
    parts: { env: { HTTPS_PROXY: "me:s3cr3t@proxy:8080", NO_PROXY: "127.0.0.1" } },
    says: /^fail HTTPS_PROXY is not an address that every tool can read/,
  },
  {
    check: environment,
    what: "a proxy for everything but HTTPS",
    parts: { env: { http_proxy: "http://proxy:8080" } },
    says: /^warn A proxy is set, but not for HTTPS/,
  },
  {
    check: environment,
    what: "TLS that is not checked",
    parts: { env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" } },
    says: /^fail NODE_TLS_REJECT_UNAUTHORIZED=0/,
  },
  {
    check: stack,
    what: "errors of the configuration",
    parts: { stack: async () => ({ name: "prod", findings: [fail("hubUnits = 500: too many", "fewer")] }) },
    says: /^fail hubUnits = 500/,
  },
  {
    check: network,
    what: "a host that cannot be reached",
    parts: { hosts: { [ARM]: { reached: false, why: "ENOTFOUND" } } },
    says: /^fail management\.azure\.com:443 cannot be reached: ENOTFOUND/,
  },
  {
    check: network,
    what: "inspected TLS with a CA that is trusted here",
    parts: { hosts: { [ARM]: seen({ isPublic: false, topIssuer: "CN=Corp Proxy CA" }) } },
    says: /^warn A proxy intercepts TLS to management\.azure\.com: its CA is "CN=Corp Proxy CA"/,
  },
  {
    check: network,
    what: "inspected TLS with a CA that is not trusted",
    parts: {
      hosts: { [ARM]: seen({ isPublic: false, isTrusted: false, mistrust: "UNABLE_TO_VERIFY", topIssuer: "CN=Corp" }) },
    },
    says: /^fail TLS to management\.azure\.com is not trusted \(UNABLE_TO_VERIFY\): its CA is "CN=Corp"/,
  },
  {
    check: network,
    what: "a public certificate that is not trusted",
    parts: { hosts: { [ARM]: seen({ isTrusted: false, mistrust: "CERT_HAS_EXPIRED" }) } },
    says: /^fail TLS to management\.azure\.com is not trusted: CERT_HAS_EXPIRED/,
  },
  {
    check: network,
    what: "a local Azure whose CA is not trusted",
    parts: { env: { ZERO_TOUCH_CLOUD: "local" }, hosts: { [ARM]: seen({ isPublic: false, isTrusted: false }) } },
    says: /^fail The local Azure's certificate for management\.azure\.com is not trusted/,
  },
  {
    check: network,
    what: "a hub behind a proxy that inspects TLS",
    parts: { plan: { hub: "hub-1" }, hosts: { "hub-1.azure-devices.net:443": seen({ isPublic: false }) } },
    says: /^warn A proxy intercepts TLS to hub-1\.azure-devices\.net/,
  },
  {
    check: network,
    what: "a closed MQTT port",
    parts: { hosts: { "global.azure-devices-provisioning.net:8883": { reached: false, why: "timed out" } } },
    says: /^warn global\.azure-devices-provisioning\.net:8883 \(MQTT\) cannot be reached: timed out/,
  },
  {
    check: clock,
    what: "a clock that is ahead",
    parts: { now: () => new Date(AZURE_TIME.getTime() + 301_000) },
    says: /^fail The clock is 301 s ahead of Azure's/,
  },
  {
    check: clock,
    what: "a clock that is behind",
    parts: { now: () => new Date(AZURE_TIME.getTime() - 4000_000) },
    says: /^fail The clock is 4000 s behind Azure's/,
  },
  {
    check: clock,
    what: "no time to compare with",
    parts: { hosts: { [ARM]: { reached: false, why: "ENOTFOUND" } } },
    says: /^warn The clock was not checked/,
  },
  {
    check: signIn,
    what: "no token",
    parts: { signedIn: new Error("AADSTS7000215: Invalid client secret\nTrace ID: 1") },
    says: /^fail Entra gave no token: AADSTS7000215: Invalid client secret$/,
  },
  {
    check: signIn,
    what: "another tenant",
    parts: { env: { AZURE_TENANT_ID: OTHER_TENANT } },
    says: /^fail The token is of tenant 1{8}-.*, and AZURE_TENANT_ID is 9{8}-/,
  },
  {
    check: signIn,
    what: "two subscriptions named",
    parts: { env: { ARM_SUBSCRIPTION_ID: SUBSCRIPTION, AZURE_SUBSCRIPTION_ID: OTHER_TENANT } },
    says: /^fail ARM_SUBSCRIPTION_ID and AZURE_SUBSCRIPTION_ID differ/,
  },
  {
    check: signIn,
    what: "a subscription that it does not see",
    parts: { env: { ARM_SUBSCRIPTION_ID: OTHER_TENANT } },
    says: /^fail The subscription 9{8}-.* is not one that this identity sees/,
  },
  {
    check: signIn,
    what: "no subscription at all",
    parts: { signedIn: { subscriptions: [] } },
    says: /^fail This identity sees no subscription/,
  },
  {
    check: signIn,
    what: "several subscriptions and none named",
    parts: {
      signedIn: {
        subscriptions: [1, 2].map((n) => ({
          ...{ subscriptionId: `s-${n}`, tenantId: "t", displayName: `S${n}`, state: "Enabled" },
        })),
      },
    },
    says: /^warn This identity sees 2 subscriptions, and none is named/,
  },
  {
    check: signIn,
    what: "a subscription that is disabled",
    parts: {
      signedIn: {
        subscriptions: [{ subscriptionId: SUBSCRIPTION, tenantId: "t", displayName: "Plant 4", state: "Disabled" }],
      },
    },
    says: /^fail The subscription Plant 4 is Disabled/,
  },
  {
    check: permissions,
    what: "a reader",
    parts: {
      armResponses: {
        "GET /providers/Microsoft.Authorization/permissions": { value: [{ actions: ["*/read"], dataActions: ["*"] }] },
      },
    },
    says: /^fail May not do what is needed for the hub: Microsoft\.Devices\/IotHubs\/write/,
  },
  {
    check: permissions,
    what: "a contributor without data roles",
    parts: {
      armResponses: { "GET /providers/Microsoft.Authorization/permissions": { value: [{ actions: ["*"] }] } },
    },
    says: /^fail May not do what is needed for enrollments and registration records: .*enrollments\/read/,
  },
  {
    check: permissions,
    what: "a contributor who may give no roles, for a link by identity",
    parts: {
      armResponses: {
        "GET /providers/Microsoft.Authorization/permissions": {
          value: [{ actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"], dataActions: ["*"] }],
        },
      },
    },
    says: /^fail May not do what is needed for giving the provisioning service its role on the hub: .*roleAssignments\/write/,
  },
  {
    check: permissions,
    what: "an identity that may not list keys, for a link by key",
    parts: {
      plan: { linkBy: "key" },
      armResponses: {
        "GET /providers/Microsoft.Authorization/permissions": {
          value: [{ actions: ["*"], notActions: ["*/listkeys/action"], dataActions: ["*"] }],
        },
      },
    },
    says: /^fail May not do what is needed for linking the hub by a key: .*listkeys/,
  },
  {
    check: permissions,
    what: "an identity that may not list keys, for reading messages back",
    parts: {
      plan: { readsMessages: true },
      armResponses: {
        "GET /providers/Microsoft.Authorization/permissions": {
          value: [{ actions: ["*"], notActions: ["*/listkeys/action"], dataActions: ["*"] }],
        },
      },
    },
    says: /^fail May not do what is needed for reading the devices' messages back: .*listkeys/,
  },
  {
    check: permissions,
    what: "a contributor who may give no roles, with a vault",
    parts: {
      plan: { vault: { name: undefined } },
      armResponses: {
        "GET /providers/Microsoft.Authorization/permissions": {
          value: [{ actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"], dataActions: ["*"] }],
        },
      },
    },
    says: /^fail May not do what is needed for giving itself the vault's data roles/,
  },
  {
    check: permissions,
    what: "a contributor who may give no roles, with an operator endpoint",
    parts: {
      plan: { operator: "storage" },
      armResponses: {
        "GET /providers/Microsoft.Authorization/permissions": {
          value: [{ actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"], dataActions: ["*"] }],
        },
      },
    },
    says: /^fail May not do what is needed for giving the operator endpoint its roles/,
  },
  {
    check: permissions,
    what: "an Azure that does not say",
    parts: { armResponses: { "GET /providers/Microsoft.Authorization/permissions": undefined } },
    says: /^warn Azure does not return the permissions/,
  },
  {
    check: permissions,
    what: "a refusal",
    parts: { armResponses: { "GET /providers/Microsoft.Authorization/permissions": new Error("403 refused") } },
    says: /^fail 403 refused/,
  },
  {
    check: providers,
    what: "a provider that is not registered",
    parts: { armResponses: { "GET /providers/Microsoft.Devices": { registrationState: "NotRegistered" } } },
    says: /^warn Microsoft\.Devices is NotRegistered/,
  },
  {
    check: providers,
    what: "an operator endpoint in a subscription without containers",
    parts: {
      plan: { operator: "containers" },
      armResponses: {
        "GET /providers/Microsoft.ManagedIdentity": { registrationState: "Registered" },
        "GET /providers/Microsoft.Storage": { registrationState: "Registered" },
        "GET /providers/Microsoft.App": { registrationState: "NotRegistered" },
      },
    },
    says: /^warn Microsoft\.App is NotRegistered/,
  },
  {
    check: providers,
    what: "a region without hubs",
    parts: {
      armResponses: {
        "GET /providers/Microsoft.Devices": {
          registrationState: "Registered",
          resourceTypes: [{ resourceType: "iotHubs", locations: ["North Europe"] }],
        },
      },
    },
    says: /^fail Microsoft\.Devices\/IotHubs is not offered in westeurope/,
  },
  {
    check: names,
    what: "a name that somebody else has",
    parts: {
      plan: { hub: "hub-1" },
      armResponses: {
        "POST /providers/Microsoft.Devices/checkNameAvailability": { nameAvailable: false, reason: "AlreadyExists" },
      },
    },
    says: /^fail The hub's name hub-1 is not available \(AlreadyExists\)/,
  },
  {
    check: names,
    what: "a name that this subscription has itself",
    parts: {
      plan: { provisioningService: "dps-1" },
      armResponses: {
        "POST /providers/Microsoft.Devices/checkProvisioningServiceNameAvailability": { nameAvailable: false },
        [`GET ${SERVICES}`]: { value: [{ name: "DPS-1" }] },
      },
    },
    says: /^warn The provisioning service's name dps-1 is taken, by this subscription itself/,
  },
  {
    check: limits,
    what: "no room for a hub",
    parts: { armResponses: { [`GET ${HUBS}`]: { value: Array.from({ length: 50 }, () => ({ name: "h" })) } } },
    says: /^fail 50 of 50 IoT hubs in this subscription: there is no room/,
  },
  {
    check: limits,
    what: "the last service",
    parts: { armResponses: { [`GET ${SERVICES}`]: { value: Array.from({ length: 9 }, () => ({ name: "d" })) } } },
    says: /^warn 9 of 10 provisioning services/,
  },
  {
    check: limits,
    what: "a second free hub",
    parts: {
      plan: { hubSku: "F1" },
      armResponses: { [`GET ${HUBS}`]: { value: [{ name: "free-1", sku: { name: "F1" } }] } },
    },
    says: /^fail free-1 is the one free hub \(F1\)/,
  },
  {
    check: limits,
    what: "a service full of certificates",
    parts: {
      plan: { provisioningService: "dps-1" },
      armResponses: {
        [`GET ${SERVICES}`]: {
          value: [{ name: "dps-1", id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/x/dps-1` }],
        },
        "GET /resourceGroups/rg/x/dps-1/certificates": { value: Array.from({ length: 25 }, () => ({})) },
      },
    },
    says: /^fail 25 of 25 CA certificates in dps-1: there is no room/,
  },
];

describe("the doctor", () => {
  it("finds no problem where there is none", async () => {
    const names = { resourceGroup: "rg", hub: "hub-1", provisioningService: "dps-1", vault: { name: "kv-1" } };
    const free = { nameAvailable: true };
    const armResponses = {
      "GET /resourceGroups/rg": { name: "rg" },
      "GET /resourceGroups/rg/providers/Microsoft.Authorization/permissions": {
        value: [{ actions: ["*"], dataActions: ["*"] }],
      },
      "POST /providers/Microsoft.Devices/checkNameAvailability": free,
      "POST /providers/Microsoft.Devices/checkProvisioningServiceNameAvailability": free,
      "POST /providers/Microsoft.KeyVault/checkNameAvailability": free,
    };
    const sections = await examine(context({ plan: names, armResponses }));
    assert.equal(worst(sections), "ok", textReport(sections));
    assert.deepEqual(
      sections.map(({ check }) => check),
      CHECKS.map(({ name }) => name),
    );
    assert.match(textReport(sections), /The vault's name kv-1 is free[\s\S]*No problems found\.\n$/);
  });

  for (const { check, what, parts, says } of CASES) {
    it(`finds ${what}`, async () => {
      const found = await troubles(check, parts);
      assert.ok(
        found.some((each) => says.test(each)),
        `${says} in ${found.join("\n")}`,
      );
      assert.deepEqual(await troubles(check), [], "and nothing on a scene that is right");
    });
  }

  it("reports a missing subscription once, and skips what needs one", async () => {
    const sections = await examine(context({ signedIn: new Error("no credential") }));
    const left = sections.filter(({ findings }) => findings[0]?.message.startsWith("Not checked"));
    assert.deepEqual(
      left.map(({ check }) => check),
      ["Permissions", "Resource providers", "Names", "Limits"],
    );
    assert.equal(worst(sections), "fail");
  });

  it("reports everything at once, with remedies, as text and as JSON", async () => {
    const sections = await examine(
      context({ nodeVersion: "18.0.0", env: { HTTPS_PROXY: "http://me:s3cr3t@proxy:1" } }),
    );
    const text = textReport(sections);
    assert.match(text, /FAIL {2}Node 18\.0\.0 is too old\n {8}To fix: install Node 20, 22 or 24/);
    assert.match(text, /ok {4}Calls go through the proxy http:\/\/proxy:1/);
    assert.match(text, /\n1 failure, 1 warning\.\n$/);
    const { result, checks } = JSON.parse(jsonReport(sections));
    assert.deepEqual([result, checks.length, checks[0].findings[0].level], ["fail", CHECKS.length, "fail"]);
    assert.doesNotMatch(text + jsonReport(sections), /s3cr3t/);
  });

  it("turns a failed check into a result", async () => {
    const broken: Check = { name: "Broken", find: () => Promise.reject(new Error("oh\nno")) };
    const [section] = await examine(context(), [broken]);
    assert.match(section?.findings[0]?.message ?? "", /The check itself failed: oh$/);
  });

  it("reads permissions as Azure does: wildcards, letter case, and exclusions", () => {
    const contributor = { actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"], dataActions: [] };
    assert.ok(allows([contributor], "actions", "Microsoft.Devices/IotHubs/write"));
    assert.ok(!allows([contributor], "actions", "Microsoft.Authorization/roleAssignments/write"));
    assert.ok(!allows([contributor], "dataActions", "Microsoft.Devices/IotHubs/devices/read"));
    const giver = { actions: ["microsoft.authorization/roleassignments/WRITE"], notActions: [] };
    assert.ok(allows([contributor, giver], "actions", "Microsoft.Authorization/roleAssignments/write"));
    assert.ok(!allows([{ actions: ["Microsoft.Devices/IotHubs"] }], "actions", "Microsoft.Devices/IotHubs/read"));
    assert.ok(!allows(["nonsense", { actions: "*" }], "actions", "a"));
  });
});
