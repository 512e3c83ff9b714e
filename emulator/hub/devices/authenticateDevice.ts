import { parseSas } from "../../../azure/sas";
import type { DeviceAuthentication } from "../../../azure/wire/hubIdentity";
import type { Certificate } from "../../../certs/certificate";
import { verifyPath } from "../../../certs/chain";
import { covers, isSignedWithEither, validateSas } from "../../kernel/authorizeCaller";
import { presentedCertificate } from "../../kernel/clientChain";
import { unixSeconds } from "../../kernel/clock";
import type { DeviceKey } from "../../kernel/deviceKey";
import type { HubRecord } from "../../kernel/directory";
import type { Request } from "../../kernel/operation";
import { anchorsOf } from "../../kernel/trustAnchors";
import { type HubDependencies, hubOf } from "../hubDependencies";
import { hubError } from "../hubErrors";
import type { Module } from "../modules/moduleStore";
import type { Identity } from "./identityStore";

/** An authenticated device or module. */
export interface AuthenticatedDevice {
  readonly hub: HubRecord;
  readonly identity: Identity;
  /** Undefined for the device itself. */
  readonly module?: Module;
  /** The digital twin model that it has named when it connected. */
  readonly modelId?: string;
  /**
   * As in the `iothub-connection-auth-method` of its events; the names are those of events that users of Azure have shown.
   * The local Azure has no IP filter.
   */
  readonly method: {
    readonly scope: "device" | "module" | "hub";
    readonly type: "x509Certificate" | "sas";
    readonly issuer: "external" | "iothub";
    readonly acceptingIpFilterRule: null;
  };
}

type Method = AuthenticatedDevice["method"];
type Dependencies = Pick<HubDependencies, "directory" | "clock" | "identities" | "modules" | "cas">;

const methodOf = (scope: Method["scope"], type: Method["type"]): Method => ({
  scope,
  type,
  issuer: type === "sas" ? "iothub" : "external",
  acceptingIpFilterRule: null,
});

const nameOf = ({ deviceId, moduleId }: DeviceKey): string =>
  moduleId === undefined ? deviceId : `${deviceId}/${moduleId}`;

/** Returns why the certificate is not the one that is registered; undefined if it is. */
function thumbprintError({ x509Thumbprint }: DeviceAuthentication, leaf: Certificate, at: Date): string | undefined {
  const { primaryThumbprint, secondaryThumbprint } = x509Thumbprint ?? {};
  const known = [primaryThumbprint, secondaryThumbprint].map((each) => each?.toUpperCase());
  const { sha1Thumbprint, sha256Thumbprint } = leaf;
  if (!known.includes(sha1Thumbprint) && !known.includes(sha256Thumbprint)) {
    return `the certificate with thumbprint ${sha1Thumbprint} is not the one the hub knows. To fix: register the device again`;
  }
  const judged = verifyPath(leaf, [], [leaf], { at });
  return judged.ok ? undefined : judged.message;
}

/**
 * Returns why a chain does not lead from the device's name to a verified CA certificate of the hub; undefined if it does
 * (Azure documentation, "Authenticate identities with X.509 certificates"). The common name of a module's certificate is
 * `deviceId/moduleId`.
 */
function chainError(
  key: DeviceKey,
  leaf: Certificate,
  presented: readonly Buffer[],
  hub: HubRecord,
  { directory, cas, clock }: Dependencies,
): string | undefined {
  if (leaf.commonName !== nameOf(key)) {
    return `the certificate's common name ${leaf.commonName ?? "(none, or several)"} is not ${nameOf(key)}`;
  }
  const anchors = anchorsOf(hub.key, directory, cas).map(({ certificate }) => certificate);
  const between = [...presented.map((der) => cas.read(der)), ...anchors];
  const judged = verifyPath(leaf, between, anchors, { at: clock.now() });
  return judged.ok ? undefined : judged.message;
}

/** Returns why the certificates of a device or a module are refused; undefined if they are not. */
function certificateError(
  key: DeviceKey,
  authentication: DeviceAuthentication,
  [der, ...presented]: readonly Buffer[],
  hub: HubRecord,
  deps: Dependencies,
): string | undefined {
  const { type } = authentication;
  if (type !== "selfSigned" && type !== "certificateAuthority") {
    return `the ${key.moduleId === undefined ? "device" : "module"} authenticates by ${type}, not by a certificate of its own`;
  }
  try {
    const leaf = presentedCertificate(der ?? Buffer.alloc(0));
    return type === "selfSigned"
      ? thumbprintError(authentication, leaf, deps.clock.now())
      : chainError(key, leaf, presented, hub, deps);
  } catch {
    return "the certificate cannot be read";
  }
}

/**
 * How a device or module proves itself: the check of its authentication, and of that of a module's device, returns why it is
 * refused; undefined if it is not.
 */
interface Proof {
  readonly method: Method;
  readonly errorOf: (authentication: DeviceAuthentication, device: DeviceAuthentication) => string | undefined;
}

/** Returns the proof in a shared access signature, or why no device could have signed it. */
function readSas(request: Request, header: string, hub: HubRecord, key: DeviceKey, at: number): string | Proof {
  const token = parseSas(header);
  if (!token) return "the Authorization header is no shared access signature";
  const isModule = key.moduleId !== undefined;
  const resource = `${request.host}/devices/${key.deviceId}${isModule ? `/modules/${key.moduleId}` : ""}`;
  if (token.policy !== undefined) {
    const error = validateSas(header, { resource, policies: hub.policies, rights: ["DeviceConnect"], at });
    if (error) return `shared access signature: ${error}`;
    return { method: methodOf("hub", "sas"), errorOf: () => undefined };
  }
  if (isModule ? hub.refusesModuleSas : hub.refusesDeviceSas) {
    const [who, setting] = isModule ? ["modules", "disableModuleSAS"] : ["devices", "disableDeviceSAS"];
    return `the hub does not accept shared access signatures of ${who} (${setting})`;
  }
  if (!covers(token.resource, resource)) return "shared access signature: resource";
  if (token.expiry <= at) return "shared access signature: expired";
  const isSignedBy = ({ type, symmetricKey }: DeviceAuthentication): boolean =>
    type === "sas" && isSignedWithEither(token, symmetricKey?.primaryKey ?? "", symmetricKey?.secondaryKey ?? "");
  return {
    method: methodOf(isModule ? "module" : "device", "sas"),
    errorOf(own, device) {
      if (isSignedBy(own)) return undefined;
      // A device signs for its modules, too (azure-iot-sdk-c, iothub_account.c, provisionModule; MicrosoftDocs/azure-docs#33943).
      if (isModule && !hub.refusesDeviceSas && isSignedBy(device)) return undefined;
      if (own.type !== "sas") return `the ${isModule ? "module" : "device"} authenticates by ${own.type}`;
      return "shared access signature: signature";
    },
  };
}

/**
 * Authenticates the device or module of a request: by its TLS client certificate, or by a shared access signature of its
 * own key, of its device's key, or of a hub policy with DeviceConnect. Throws 401 for what no device could have sent, then 404 for an unknown
 * device or module, then 401: as in Azure, a signature by any key is enough to learn that a device does not exist
 * (azure-iot-sdk-node, `e2etests/test/authentication.js`; with a certificate azure-iot-sdk-csharp#1251).
 */
export function authenticateDevice(request: Request, key: DeviceKey, deps: Dependencies): AuthenticatedDevice {
  const { deviceId, moduleId } = key;
  const hub = hubOf(request, deps);
  const refuse = (reason: string) => hubError("IotHubUnauthorizedAccess", "Unauthorized", { reason });
  const header = request.headers.authorization;
  const chain = request.clientChain();
  if (header === undefined && chain.length === 0) {
    throw refuse("neither a client certificate nor an Authorization header");
  }
  const proof: string | Proof =
    header === undefined
      ? {
          method: methodOf(moduleId === undefined ? "device" : "module", "x509Certificate"),
          errorOf: (authentication) => certificateError(key, authentication, chain, hub, deps),
        }
      : readSas(request, header, hub, key, unixSeconds(deps.clock));
  if (typeof proof === "string") throw refuse(proof);
  const identity = deps.identities.find(hub.key, deviceId);
  if (!identity) throw hubError("DeviceNotFound", deviceId);
  const module = moduleId === undefined ? undefined : deps.modules.find(hub.key, deviceId, moduleId);
  if (moduleId !== undefined && !module) throw hubError("ModuleNotFound", nameOf(key));
  const error = proof.errorOf((module ?? identity).authentication, identity.authentication);
  if (error) throw refuse(error);
  if (!identity.enabled) throw refuse("the device is disabled in the hub");
  return { hub, identity, module, method: proof.method };
}
