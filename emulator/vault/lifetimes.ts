import type { Operation, Request } from "../kernel/operation";
import type { Renewal } from "./certificates/certificateRenewal";
import type { Rotation } from "./keys/keyRotationOperations";
import { pageRequest } from "./objects/objectPage";
import type { ObjectKey } from "./objects/objectVersion";
import { authorize, requestContext } from "./vaultAuthorization";
import type { VaultDependencies } from "./vaultDependencies";
import { type ObjectKind, SEGMENTS } from "./vaultPermissions";

/**
 * Rotates keys and renews certificates by their policies. Azure does so in the background, the local Azure at the next
 * access.
 */
export class Lifetimes {
  constructor(
    readonly rotation: Rotation,
    readonly renewal: Renewal,
    readonly objects: VaultDependencies["objects"],
  ) {}

  /** Applies what is due by the policy of an object, or of the certificate it belongs to. Call it before a read. */
  async applyDue(key: ObjectKey): Promise<void> {
    const object = this.objects.find(key);
    if (object === undefined) return;
    if (key.kind === "certificate" || object.managed) await this.renewal.follow({ ...key, kind: "certificate" });
    else if (key.kind === "key") await this.rotation.follow(key);
  }

  /** Applies what is due for a page of a vault's objects, after a name in lower case. Call it before a list is read. */
  async applyDueOfPage(vault: string, kind: ObjectKind, page: { after: string; top: number }): Promise<void> {
    const found = this.objects.list(vault, kind, { deleted: false, ...page });
    for (const { name } of found) await this.applyDue({ vault, kind, name });
  }
}

/** Wraps the operations of a kind so that they apply what is due first. */
export function applyDuePolicies(
  kind: ObjectKind,
  operations: readonly Operation[],
  lifetimes: Lifetimes,
  deps: VaultDependencies,
): Operation[] {
  const isList = ({ method, path }: Operation): boolean => method === "GET" && path === `/${SEGMENTS[kind]}`;
  return operations.map((operation) => ({
    ...operation,
    async handle(request: Request) {
      const { vault } = requestContext(request, deps);
      const { name } = request.params;
      if (name !== undefined) await lifetimes.applyDue({ vault: vault.key, kind, name });
      else if (isList(operation)) {
        authorize(request, { kind, action: "list" }, deps);
        const { after, size } = pageRequest(request);
        await lifetimes.applyDueOfPage(vault.key, kind, { after, top: size });
      }
      return operation.handle(request);
    },
  }));
}
