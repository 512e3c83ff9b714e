import { azureHost } from "../azure/hosts";
import { armFace, armParts } from "./arm";
import type { Faults } from "./control/faults";
import { dpsServices } from "./dps/dps";
import { entraFace } from "./entra";
import { AccessTokens } from "./entra/accessToken";
import { type Identity, newIdentity } from "./entra/identity";
import { machineFace } from "./entra/machine";
import { OidcIssuer } from "./entra/oidcIssuer";
import type { SigningKey } from "./entra/signingKey";
import type { Tenant } from "./entra/tenant";
import { blobService, type StorageSetting } from "./front/azurite";
import { graphFace } from "./graph";
import { type AuthenticatedDevice, authenticateDevice } from "./hub/device/authenticate";
import { hubErrors } from "./hub/errors";
import { type EventReader, hubServices } from "./hub/hub";
import type { Call } from "./kernel/call";
import { mountService, type Service, type ServiceFace } from "./kernel/service";
import type { Services } from "./kernel/services";
import { vaultServices } from "./vault";
import { vaultManagement } from "./vault/management";
import { newSealingKey } from "./vault/sealing";

/** One operation of the local Azure, for the support table in the docs. */
export interface SupportedOperation {
  readonly service: string;
  readonly name: string;
  readonly method: string;
  readonly path: string;
}

/** All of Azure's services as they answer here, before they are put behind HTTP. */
export interface Assembly {
  readonly faces: Readonly<
    Record<"arm" | "entra" | "graph" | "machine" | "dpsDevice" | "dps" | "hub" | "vault", ServiceFace>
  >;
  /** Judge of every bearer token. */
  readonly tokens: AccessTokens;
  /** The identity provider outside of Azure. */
  readonly issuer: OidcIssuer;
  readonly events: EventReader;
  /** The device that a call to a hub speaks for. Throws the hub's 401 or 404. */
  readonly authenticate: (call: Call, deviceId: string) => AuthenticatedDevice;
  /** Empties the store and what is kept in memory of it. */
  reset(): void;
}

/**
 * Puts the services together over one store, one clock and one tenant. Default identity and key that seals what
 * vaults hold (32 octets): ones that are kept nowhere.
 */
export function assemble(
  services: Services,
  tenant: Tenant,
  key: SigningKey,
  { application, issuerKey, identitySecret }: Identity = newIdentity(key),
  sealingKey = newSealingKey(),
): Assembly {
  const tokens = new AccessTokens(tenant, key, services);
  const issuer = new OidcIssuer(issuerKey, services);
  const parts = armParts(services, tenant);
  const { directory } = parts;
  const hub = hubServices(services, { directory, tokens });
  const { clock } = services;
  const device = { directory, clock, fail: hubErrors(services), identities: hub.identities };
  const vault = vaultServices(services, { vaults: directory, tokens, sealingKey });
  const dps = dpsServices(services, { directory, tokens, identities: hub.identities });
  return {
    faces: {
      arm: armFace(parts, tokens, vaultManagement({ ...vault, arm: parts })),
      entra: entraFace(tokens, services, { application, issuer }),
      graph: graphFace(tokens, services, application),
      machine: machineFace({ tokens, issuer, identitySecret, services }),
      dpsDevice: dps.device,
      dps: dps.service,
      hub: hub.face,
      vault: vault.face,
    },
    tokens,
    issuer,
    events: hub.events,
    authenticate: (call, deviceId) => authenticateDevice(call, deviceId, device),
    reset() {
      services.store.reset();
      directory.changed();
      vault.parts.objects.changed();
    },
  };
}

/** Every operation of every service of Azure here, in the order of their tables. */
export function operationsOf({ faces }: Assembly): SupportedOperation[] {
  return Object.values(faces).flatMap(({ name: service, operations }) =>
    operations.map(({ name, method, path }) => ({ service, name, method, path })),
  );
}

/** Finds the service for a host name (no port) and a path. */
export type Dispatch = (host: string, path: string) => Service;

/** Every service behind HTTP. */
export interface Mounted {
  readonly dispatch: Dispatch;
  /** Managed identity and GitHub's identity tokens. */
  readonly machine: Service;
  close(): Promise<void>;
}

/** Puts every service behind HTTP, with faults in front, and tells which one answers where. */
export async function mount(
  { faces, tokens }: Assembly,
  faults: Faults,
  log: (service: string, error: unknown) => void,
  storage: Pick<StorageSetting, "azurite">,
): Promise<Mounted> {
  const put = (face: ServiceFace): Promise<Service> =>
    mountService(faults.guard(face), (error) => log(face.name, error));
  const blob = blobService(storage, tokens);
  const [arm, entra, graph, machine, dpsDevice, dps, hub, vault] = await Promise.all([
    put(faces.arm),
    put(faces.entra),
    put(faces.graph),
    put(faces.machine),
    put(faces.dpsDevice),
    put(faces.dps),
    put(faces.hub),
    put(faces.vault),
  ]);
  const dispatch: Dispatch = (host, path) => {
    const isMetadata = /^\/metadata\/endpoints\b/i.test(path);
    switch (azureHost(host)?.service) {
      case "arm":
        return isMetadata ? entra : arm;
      case "login":
        return entra;
      case "graph":
        return graph;
      case "dpsDevice":
        return dpsDevice;
      case "dps":
        return dps;
      case "hub":
        return hub;
      case "blob":
        return blob;
      case "vault":
        return vault;
      case undefined:
        // The metadata host: ARM and sign-in at the local Azure's own address.
        return !isMetadata && /^\/+(subscriptions|tenants|providers)\b/i.test(path) ? arm : entra;
    }
  };
  const all = [arm, entra, graph, machine, blob, dpsDevice, dps, hub, vault];
  return {
    dispatch,
    machine,
    async close() {
      await Promise.all(all.map((service) => service.close()));
    },
  };
}
