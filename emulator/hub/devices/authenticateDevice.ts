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

/** How a device proves itself: the check of its identity returns why it is refused; undefined if it is not. */
interface Proof {
  readonly method: Method;
  readonly errorOf: (identity: Identity) => string | undefined;
}

/** Returns the proof in a shared access signature, or why no device could have signed it. */
function readSas(request: Request, header: string, hub: HubRecord, deviceId: string, at: number): string | Proof {
  const token = parseSas(header);
  if (!token) return "the Authorization header is no shared access signature";
  const resource = `${request.host}/devices/${deviceId}`;
  if (token.policy !== undefined) {
    const error = validateSas(header, { resource, policies: hub.policies, rights: ["DeviceConnect"], at });
    if (error) return `shared access signature: ${error}`;
    return { method: { scope: "hub", type: "sas", issuer: "iothub" }, errorOf: () => undefined };
  }
  if (hub.refusesDeviceSas) return "the hub does not accept shared access signatures of devices (disableDeviceSAS)";
  if (!covers(token.resource, resource)) return "shared access signature: resource";
  if (token.expiry <= at) return "shared access signature: expired";
  return {
    method: { scope: "device", type: "sas", issuer: "iothub" },
    errorOf({ authentication: { type, symmetricKey } }) {
      if (type !== "sas") return `the device authenticates by ${type}`;
      return isSignedWithEither(token, symmetricKey?.primaryKey ?? "", symmetricKey?.secondaryKey ?? "")
        ? undefined
        : "shared access signature: signature";
    },
  };
}

/**
 * Authenticates the device of a request: by its TLS client certificate, or by a shared access signature of its own key or
 * of a hub policy with DeviceConnect. Throws 401 for what no device could have sent, then 404 for an unknown device, then
 * 401: as in Azure, a signature by any key is enough to learn that a device does not exist (azure-iot-sdk-node,
 * `e2etests/test/authentication.js`; with a certificate azure-iot-sdk-csharp#1251).
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
  const proof: string | Proof =
    header === undefined
      ? {
          method: { scope: "device", type: "x509", issuer: "external" },
          errorOf: (identity) => leaf && certificateError(identity, leaf, deps.clock.now()),
        }
      : readSas(request, header, hub, deviceId, unixSeconds(deps.clock));
  if (typeof proof === "string") throw refuse(proof);
  const identity = deps.identities.find(hub.key, deviceId);
  if (!identity) throw hubError("DeviceNotFound", deviceId);
  const error = proof.errorOf(identity);
  if (error) throw refuse(error);
  if (!identity.enabled) throw refuse("the device is disabled in the hub");
  return { hub, identity, method: proof.method };
}
