import type { TokenValidator } from "../kernel/directory";
import { type Operation, type Request, WireError } from "../kernel/operation";
import type { ServiceDefinition } from "../kernel/service";
import type { VaultDirectory, VaultRecord } from "../kernel/vaultDirectory";
import type { CertificateDependencies } from "./certificates/certificateDefinition";
import { certificateOperations } from "./certificates/certificateOperations";
import { Renewal } from "./certificates/certificateRenewal";
import { PendingStore } from "./certificates/pendingStore";
import { keyOperations } from "./keys/keyOperations";
import { Rotation } from "./keys/keyRotationOperations";
import { Lifetimes } from "./lifetimes";
import { VaultObjectStore } from "./objects/vaultObjectStore";
import { Sealer } from "./sealer";
import { secretOperations } from "./secrets/secretOperations";
import { requestContext } from "./vaultAuthorization";
import type { VaultDependencies } from "./vaultDependencies";
import { badParameter, notEmulated, vaultError } from "./vaultErrors";
import { vaultThrottle } from "./vaultThrottle";

/** The data plane of all key vaults. */
export interface VaultService {
  readonly definition: ServiceDefinition;
  readonly deps: VaultDependencies;
  readonly lifetimes: Lifetimes;
}

/** Versions of the protocol: 7.x, and dates (REST reference, "Service versions"); later ones as SDKs must go on working. */
const API_VERSION = /^(?:2016-10-01|7\.\d+(?:-preview(?:\.\d+)?)?|20(?:2[5-9]|[3-9]\d)-\d\d-\d\d(?:-preview)?)$/;

const VERBS: ReadonlySet<string> = new Set(["GET", "PUT", "POST", "PATCH", "DELETE"]);

/** Returns the verb that overrides POST, for clients that support no others; document 004 spells the header in two ways. */
const overriddenVerb = (headers: Request["headers"]): string | undefined => {
  const override = headers["x-http-method"] ?? headers["x-http-request"];
  return typeof override === "string" ? override.trim().toUpperCase() : undefined;
};

function checkApiVersion(request: Request): void {
  const version = request.query.get("api-version");
  if (!version) throw badParameter("api-version must be specified");
  if (API_VERSION.test(version)) return;
  throw badParameter(
    `The specified version (${version}) is not recognized. Consider using the latest supported version (7.6).`,
  );
}

/** Returns whether an operation has this path with another verb. */
function isKnownPath(path: string, operations: readonly Operation[]): boolean {
  const trimmed = path.replace(/(?<!\/)\/+$/, "");
  return operations.some(({ path: known }) => new RegExp(`^${known.replace(/:\w+/g, "[^/]+")}$`, "i").test(trimmed));
}

/** Runs before any operation: authenticates the caller, then validates verb and api-version. */
function admit(request: Request, deps: VaultDependencies): VaultRecord {
  const { vault } = requestContext(request, deps);
  const override = overriddenVerb(request.headers);
  if (request.method === "POST" && override !== undefined && !VERBS.has(override)) {
    throw badParameter(`The header X-HTTP-METHOD has an unknown verb: ${override.slice(0, 20)}`);
  }
  checkApiVersion(request);
  return vault;
}

/**
 * Makes the data plane of Key Vault at `https://NAME.vault.azure.net` (REST reference, "Key Vault"; document 004).
 */
export function vaultService(
  services: Omit<VaultDependencies, "vaults" | "tokens" | "objects" | "sealer">,
  outside: { readonly vaults: VaultDirectory; readonly tokens: TokenValidator; readonly sealingKey: Buffer },
): VaultService {
  const sealer = new Sealer(outside.sealingKey);
  const objects = new VaultObjectStore(services, sealer);
  const { vaults, tokens } = outside;
  const deps: VaultDependencies = { ...services, vaults, tokens, objects, sealer };
  vaults.onVaultPurged((key) => objects.purgeVault(key));
  const certificates: CertificateDependencies = { ...deps, pending: new PendingStore(deps) };
  const lifetimes = new Lifetimes(new Rotation(deps), new Renewal(certificates), objects);
  const operations = [
    ...keyOperations(lifetimes, deps),
    ...secretOperations(lifetimes, deps),
    ...certificateOperations(lifetimes, certificates),
  ];
  const refuseThrottled = vaultThrottle(deps);
  const definition: ServiceDefinition = {
    name: "key-vault",
    operations,
    verb: (headers) => {
      const override = overriddenVerb(headers);
      return override !== undefined && VERBS.has(override) ? override : "POST";
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
    before(request, operation) {
      refuseThrottled(admit(request, deps), operation, request);
      return undefined;
    },
    notFound(request) {
      try {
        admit(request, deps);
      } catch (error) {
        if (error instanceof WireError) return error;
        throw error;
      }
      if (isKnownPath(request.path, operations)) {
        return vaultError(405, "MethodNotAllowed", `The method ${request.method} is not allowed on ${request.path}.`);
      }
      return notEmulated(`${request.method} ${request.path} of Key Vault`);
    },
    badBody: (_request, reason) => badParameter(`The request body is not JSON: ${reason ?? "it is cut"}.`),
    tooLarge: () => badParameter("The request body is larger than 1 MB."),
    internal: () => vaultError(500, "InternalServerError", "The local Azure failed. Its log says why."),
  };
  return { definition, deps, lifetimes };
}
