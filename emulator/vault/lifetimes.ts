import type { Operation, Request } from "../kernel/operation";
import type { Renewal } from "./certificates/certificateRenewal";
import type { Rotation } from "./keys/keyRotation";
import { pageRequest } from "./objects/objectPage";
import type { ObjectKey } from "./objects/objectVersion";
import { authorize, requestContext } from "./vaultAuthorization";
import type { VaultDependencies } from "./vaultDependencies";
import { type ObjectKind, SEGMENTS } from "./vaultPermissions";

/**
 * What vaults do on their own in Azure: rotate keys by their policies, and renew certificates by theirs. Here nothing runs
 * in the background; it is done when somebody looks.
 */
export class Lifetimes {
  constructor(
    readonly rotation: Rotation,
    readonly renewal: Renewal,
    readonly objects: VaultDependencies["objects"],
  ) {}

  /** Before anybody looks at an object: what its policy asked for, or that of the certificate it belongs to, is done. */
  async applyDue(key: ObjectKey): Promise<void> {
    const object = this.objects.find(key);
    if (object === undefined) return;
    if (key.kind === "certificate" || object.managed) await this.renewal.follow({ ...key, kind: "certificate" });
    else if (key.kind === "key") await this.rotation.follow(key);
  }

  /** Before a list of a vault's objects is read: as many as a page has, after one name (lower case). */
  async applyDueOfPage(vault: string, kind: ObjectKind, page: { after: string; top: number }): Promise<void> {
    const found = this.objects.list(vault, kind, { deleted: false, ...page });
    for (const { name } of found) await this.applyDue({ vault, kind, name });
  }
}

/** The same operations of a kind, which look at what is due before they answer. */
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
