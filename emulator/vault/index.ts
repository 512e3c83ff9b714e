import { type Call, type Operation, WireError } from "../kernel/call";
import type { TokenJudge } from "../kernel/directory";
import type { ServiceFace } from "../kernel/service";
import type { VaultDirectory, VaultRecord } from "../kernel/vaultDirectory";
import { sceneOf } from "./authorize";
import { certificateOperations } from "./certificates";
import type { CertificateParts } from "./certificates/certificateFace";
import { PendingTable } from "./certificates/pendingTable";
import { Renewal } from "./certificates/renewal";
import { badParameter, notEmulated, vaultError } from "./errors";
import { keyOperations } from "./keys";
import { Rotation } from "./keys/rotation";
import { Lifetimes } from "./lifetimes";
import { VaultObjects } from "./objects/vaultObjects";
import type { VaultParts } from "./parts";
import { Sealer } from "./sealing";
import { secretOperations } from "./secrets";
import { vaultThrottle } from "./throttle";

/** Key Vault as it answers here. */
export interface VaultServices {
  readonly face: ServiceFace;
  readonly parts: VaultParts;
  readonly lifetimes: Lifetimes;
}

/** Versions of the protocol: 7.x, and dates (REST reference, "Service versions"); later ones as SDKs must go on working. */
const API_VERSION = /^(?:2016-10-01|7\.\d+(?:-preview(?:\.\d+)?)?|20(?:2[5-9]|[3-9]\d)-\d\d-\d\d(?:-preview)?)$/;

const VERBS: ReadonlySet<string> = new Set(["GET", "PUT", "POST", "PATCH", "DELETE"]);

/** The verb that a POST stands for, for clients that have no others: document 004 names the header in both ways. */
const overriddenVerb = (headers: Call["headers"]): string | undefined => {
  const asked = headers["x-http-method"] ?? headers["x-http-request"];
  return typeof asked === "string" ? asked.trim().toUpperCase() : undefined;
};

function checkApiVersion(call: Call): void {
  const version = call.query.get("api-version");
  if (!version) throw badParameter("api-version must be specified");
  if (API_VERSION.test(version)) return;
  throw badParameter(
    `The specified version (${version}) is not recognized. Consider using the latest supported version (7.6).`,
  );
}

function checkVerb(call: Call): void {
  const asked = overriddenVerb(call.headers);
  if (call.method !== "POST" || asked === undefined || VERBS.has(asked)) return;
  throw badParameter(`The header X-HTTP-METHOD names no verb: ${asked.slice(0, 20)}`);
}

/** Whether some operation has this path under another verb. */
function isKnownPath(path: string, operations: readonly Operation[]): boolean {
  const trimmed = path.replace(/\/+$/, "");
  return operations.some(({ path: known }) => new RegExp(`^${known.replace(/:\w+/g, "[^/]+")}$`, "i").test(trimmed));
}

/** What is done before any operation: who calls is asked before what is wrong with the call. */
function admit(call: Call, parts: VaultParts): VaultRecord {
  const { vault } = sceneOf(call, parts);
  checkVerb(call);
  checkApiVersion(call);
  return vault;
}

/**
 * The data plane of Key Vault at `https://NAME.vault.azure.net` (REST reference, "Key Vault"; document 004). Keys and
 * certificates plug their operations in here: see README.md beside this file.
 */
export function vaultServices(
  services: Omit<VaultParts, "vaults" | "tokens" | "objects" | "sealer">,
  outside: { readonly vaults: VaultDirectory; readonly tokens: TokenJudge; readonly sealingKey: Buffer },
): VaultServices {
  const sealer = new Sealer(outside.sealingKey);
  const objects = new VaultObjects(services, sealer);
  const { vaults, tokens } = outside;
  const parts: VaultParts = { ...services, vaults, tokens, objects, sealer };
  vaults.onVaultPurged((key) => objects.purgeVault(key));
  const certificates: CertificateParts = { ...parts, pending: new PendingTable(parts) };
  const lifetimes = new Lifetimes(new Rotation(parts), new Renewal(certificates), objects);
  const operations = [
    ...keyOperations(lifetimes, parts),
    ...secretOperations(lifetimes, parts),
    ...certificateOperations(lifetimes, certificates),
  ];
  const refuseThrottled = vaultThrottle(parts);
  const face: ServiceFace = {
    name: "key-vault",
    operations,
    verb: (headers) => {
      const asked = overriddenVerb(headers);
      return asked !== undefined && VERBS.has(asked) ? asked : "POST";
    },
    headers: () => ({
      "cache-control": "no-cache",
      pragma: "no-cache",
      expires: "-1",
      "x-ms-keyvault-region": "local",
      "x-ms-keyvault-service-version": "1.9.0.0",
      "x-ms-keyvault-network-info": "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;",
      "x-ms-request-id": services.ids.guid(),
      "strict-transport-security": "max-age=31536000;includeSubDomains",
      "x-content-type-options": "nosniff",
    }),
    before(call, operation) {
      refuseThrottled(admit(call, parts), operation, call);
      return undefined;
    },
    notFound(call) {
      try {
        admit(call, parts);
      } catch (error) {
        if (error instanceof WireError) return error;
        throw error;
      }
      if (isKnownPath(call.path, operations)) {
        return vaultError(405, "MethodNotAllowed", `The method ${call.method} is not allowed on ${call.path}.`);
      }
      return notEmulated(`${call.method} ${call.path} of Key Vault`);
    },
    badBody: () => badParameter("The request body is not JSON."),
    internal: () => vaultError(500, "InternalServerError", "The local Azure failed. Its log says why."),
  };
  return { face, parts, lifetimes };
}
