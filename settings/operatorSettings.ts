/** Settings of the operator endpoint: whether it is deployed, and how. */
import { readCertificate } from "../certs/certificate";
import type { SettingsReader } from "./settingsReader";

/** Settings of the operator endpoint; undefined if none is deployed. */
export interface OperatorSettings {
  readonly operatorEndpoint:
    | {
        /** Days for which an uploaded transcript is immutable. */
        readonly retentionDays: number;
        /** The containers of three instances; undefined if instances run elsewhere. */
        readonly containers:
          | {
              readonly image: string;
              readonly registry: string | undefined;
              readonly subnetId: string;
              readonly keyVaultId: string;
              readonly backendUrl: string;
              readonly administratorKey: string;
              /** PEM. */
              readonly authority: string | undefined;
            }
          | undefined;
      }
    | undefined;
}

const ARM_ID = "/subscriptions/<id>/resourceGroups/<group>/providers";

const idRule =
  (type: string, example: string) =>
  (value: string): string | undefined =>
    new RegExp(`^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/${type}$`, "i").test(value)
      ? undefined
      : `must be a resource ID, ${ARM_ID}/${example}`;

const imageRule = (value: string): string | undefined =>
  /^[\w.-]+(?::\d+)?(?:\/[\w.-]+)+(?::[\w.-]+|@sha256:[0-9a-f]{64})$/.test(value)
    ? undefined
    : "must be an image with its registry, and a tag or a digest";

const registryRule = (value: string): string | undefined =>
  value === "" || /^[\w-]+(?:\.[\w-]+)+$/.test(value) ? undefined : "must be the host of a registry";

const backendRule = (value: string): string | undefined =>
  /^(?:azblob|https|s3|gs):\/\/\S+$/.test(value)
    ? undefined
    : "must be the URL of a backend that containers reach, such as azblob://<container>?storage_account=<account>";

const sshKeyRule = (value: string): string | undefined =>
  /^(?:ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|ssh-rsa) [A-Za-z0-9+/]{40,}={0,2}(?: .*)?$/.test(value)
    ? undefined
    : "must be an SSH public key, as ssh-keygen writes it to a .pub file";

function authorityRule(value: string): string | undefined {
  if (value === "") return undefined;
  try {
    return readCertificate(value).publicKey.asymmetricKeyType === "rsa" ? undefined : "its key must be an RSA key";
  } catch {
    return "must be the certificate that zero-touch operator authority writes, PEM";
  }
}

/** Reads the settings of the operator endpoint. */
export function readOperator(read: SettingsReader): OperatorSettings {
  const kind = read.choice("operatorEndpoint", ["off", "storage", "containers"], "off");
  const retentionDays = read.whole("operatorRetentionDays", 1, 146_000, 365);
  const hasContainers = kind === "containers";
  const optional = (rule: (value: string) => string | undefined) => (value: string) =>
    hasContainers ? rule(value) : undefined;
  const containers = {
    image: read.text("operatorImage", "", optional(imageRule)),
    registry: read.text("operatorRegistry", "", registryRule) || undefined,
    subnetId: read.text(
      "operatorSubnetId",
      "",
      optional(
        idRule(
          "Microsoft\\.Network/virtualNetworks/[^/]+/subnets/[^/]+",
          "Microsoft.Network/virtualNetworks/<name>/subnets/<name>",
        ),
      ),
    ),
    keyVaultId: read.text(
      "operatorKeyVaultId",
      "",
      optional(idRule("Microsoft\\.KeyVault/vaults/[^/]+", "Microsoft.KeyVault/vaults/<name>")),
    ),
    backendUrl: read.text("operatorBackendUrl", "", optional(backendRule)),
    administratorKey: read.text("operatorAdministratorKey", "", optional(sshKeyRule)),
    authority: read.text("operatorAuthority", "", authorityRule) || undefined,
  };
  if (kind === "off") return { operatorEndpoint: undefined };
  return { operatorEndpoint: { retentionDays, containers: hasContainers ? containers : undefined } };
}
