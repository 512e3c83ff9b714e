import { parseSas } from "../../../azure/sas";
import type { Certificate } from "../../../certs/certificate";
import { verifyPath } from "../../../certs/chain";
import { covers, isSignedWithEither, validateSas } from "../../kernel/authorizeCaller";
import { presentedCertificate } from "../../kernel/clientChain";
import { unixSeconds } from "../../kernel/clock";
import type { HubRecord } from "../../kernel/directory";
import type { Request } from "../../kernel/operation";
import { type HubDependencies, hubOf } from "../hubDependencies";
import { hubError } from "../hubErrors";
import type { Identity } from "./identityStore";

/** An authenticated device. */
export interface AuthenticatedDevice {
  readonly hub: HubRecord;
  readonly identity: Identity;
  /** As in the `iothub-connection-auth-method` of its events. */
  readonly method: { readonly scope: "device" | "hub"; readonly type: "x509" | "sas"; readonly issuer: string };
}

type Method = AuthenticatedDevice["method"];

/** Returns why a self-signed device's certificate is refused; undefined if it is the registered one. */
function certificateError(identity: Identity, leaf: Buffer, at: Date): string | undefined {
  const { type, x509Thumbprint } = identity.authentication;
  if (type !== "selfSigned") return `the device authenticates by ${type}, not by a certificate of its own`;
  const known = [x509Thumbprint?.primaryThumbprint, x509Thumbprint?.secondaryThumbprint].map((each) =>
    each?.toUpperCase(),
  );
  let certificate: Certificate;
  try {
    certificate = presentedCertificate(leaf);
  } catch {
    return "the certificate cannot be read";
  }
  const { sha1Thumbprint, sha256Thumbprint } = certificate;
  if (!known.includes(sha1Thumbprint) && !known.includes(sha256Thumbprint)) {
    return `the certificate with thumbprint ${sha1Thumbprint} is not the one the hub knows. To fix: register the device again`;
  }
  const judged = verifyPath(certificate, [], [certificate], { at });
  return judged.ok ? undefined : judged.message;
}

function checkSas(request: Request, header: string, hub: HubRecord, identity: Identity, at: number): string | Method {
  const token = parseSas(header);
  if (!token) return "the Authorization header is no shared access signature";
  const resource = `${request.host}/devices/${identity.deviceId}`;
  if (token.policy !== undefined) {
    const error = validateSas(header, { resource, policies: hub.policies, rights: ["DeviceConnect"], at });
    return error ? `shared access signature: ${error}` : { scope: "hub", type: "sas", issuer: "iothub" };
  }
  if (hub.refusesDeviceSas) return "the hub does not accept shared access signatures of devices (disableDeviceSAS)";
  const keys = identity.authentication.symmetricKey;
  if (identity.authentication.type !== "sas") return `the device authenticates by ${identity.authentication.type}`;
  if (!covers(token.resource, resource)) return "shared access signature: resource";
  if (!isSignedWithEither(token, keys?.primaryKey ?? "", keys?.secondaryKey ?? "")) {
    return "shared access signature: signature";
  }
  if (token.expiry <= at) return "shared access signature: expired";
  return { scope: "device", type: "sas", issuer: "iothub" };
}

/**
 * Authenticates the device of a request: by its TLS client certificate, or by a shared access signature of its own key or
 * of a hub policy with DeviceConnect. Throws 401 or 404.
 */
export function authenticateDevice(
  request: Request,
  deviceId: string,
  deps: Pick<HubDependencies, "directory" | "clock" | "identities">,
): AuthenticatedDevice {
  const hub = hubOf(request, deps);
  const refuse = (reason: string) => hubError("IotHubUnauthorizedAccess", "Unauthorized", { reason });
  const header = request.headers.authorization;
  const [leaf] = request.clientChain();
  if (header === undefined && !leaf) throw refuse("neither a client certificate nor an Authorization header");
  const identity = deps.identities.find(hub.key, deviceId);
  if (!identity) throw hubError("DeviceNotFound", deviceId);
  let method: Method;
  if (header !== undefined) {
    const judged = checkSas(request, header, hub, identity, unixSeconds(deps.clock));
    if (typeof judged === "string") throw refuse(judged);
    method = judged;
  } else {
    const error = leaf && certificateError(identity, leaf, deps.clock.now());
    if (error) throw refuse(error);
    method = { scope: "device", type: "x509", issuer: "external" };
  }
  if (!identity.enabled) throw refuse("the device is disabled in the hub");
  return { hub, identity, method };
}
