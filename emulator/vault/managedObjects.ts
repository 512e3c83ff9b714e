import type { JsonObject } from "../../azure/wire/jsonObject";
import type { ArmDependencies } from "../arm/armDependencies";
import { frontError } from "../arm/armErrors";
import { listResponse } from "../arm/armList";
import { existingResource } from "../arm/armRequest";
import { VAULT_TYPE, vaultRecord } from "../arm/microsoftKeyVault/vaultResource";
import type { Operation, Request, Response } from "../kernel/operation";
import type { VaultRecord } from "../kernel/vaultDirectory";
import type { Lifetimes } from "./lifetimes";
import { LABELS } from "./objects/existingObject";
import { nameOf, versionOf } from "./objects/objectRequest";
import type { ObjectKey, ObjectVersion } from "./objects/objectVersion";
import type { VaultDependencies } from "./vaultDependencies";
import { SEGMENTS } from "./vaultPermissions";

/** Dependencies of the control plane's operations on objects of vaults. */
export interface ManagementDependencies {
  readonly arm: ArmDependencies;
  readonly deps: VaultDependencies;
  readonly lifetimes: Lifetimes;
}

/** All items of a list: a negative limit means no limit in SQLite. */
export const WHOLE_LIST = { after: "", top: -1 } as const;

/** Keys or secrets in the control plane: what both have in common. */
export class ManagedObjects {
  constructor(
    readonly kind: "key" | "secret",
    readonly management: ManagementDependencies,
  ) {}

  /** Returns a handler that gets the vault of the ARM request. The handler throws 404 if there is none. */
  inVault(handle: (request: Request, vault: VaultRecord) => Promise<Response>): Operation["handle"] {
    const { arm } = this.management;
    return (request) => handle(request, vaultRecord(existingResource(request, VAULT_TYPE, arm), arm.subscriptionId));
  }

  keyOf(request: Request, vault: VaultRecord): ObjectKey {
    return { vault: vault.key, kind: this.kind, name: nameOf(request) };
  }

  /** Returns the object of a request at the version in the path, or the latest. */
  async find(request: Request, vault: VaultRecord): Promise<ObjectVersion | undefined> {
    const { deps, lifetimes } = this.management;
    const [key, version] = [this.keyOf(request, vault), versionOf(request)];
    await lifetimes.applyDue(key);
    return deps.objects.find(key, version);
  }

  /** As {@link find}; throws 404. */
  async existing(request: Request, vault: VaultRecord): Promise<ObjectVersion> {
    const found = await this.find(request, vault);
    if (found) return found;
    const { name, version } = request.params;
    const id = version === undefined ? name : `${name}/${version}`;
    const message = `The ${this.kind} '${id}' was not found in '${vault.name}'.`;
    throw frontError(404, `${LABELS[this.kind]}NotFound`, message);
  }

  /** Returns the page of a vault's objects that a request asks for. */
  async list(request: Request, vault: VaultRecord, item: (object: ObjectVersion) => JsonObject): Promise<Response> {
    const { deps, lifetimes } = this.management;
    await lifetimes.applyDueOfPage(vault.key, this.kind, WHOLE_LIST);
    const found = deps.objects.list(vault.key, this.kind, { ...WHOLE_LIST, deleted: false });
    return listResponse(request, found.map(item));
  }

  /** An object as ARM shows it. */
  body(object: ObjectVersion, vault: VaultRecord, properties: JsonObject): JsonObject {
    const segment = SEGMENTS[this.kind];
    return {
      id: `${vault.id}/${segment}/${object.name}`,
      name: object.name,
      type: `${VAULT_TYPE}/${segment}`,
      location: vault.location,
      tags: object.tags ?? {},
      properties,
    };
  }
}
