type Right = readonly [permission: string, dataAction: string];

const lifeCycle = (segment: string) => ({
  delete: ["delete", `${segment}/delete`] as Right,
  recover: ["recover", `${segment}/recover/action`] as Right,
  purge: ["purge", `${segment}/purge/action`] as Right,
  backup: ["backup", `${segment}/backup/action`] as Right,
  restore: ["restore", `${segment}/restore/action`] as Right,
});

/**
 * The rights of each operation: the permission of an access policy, and the data action of a role (Azure documentation,
 * "Vaults – Create or update", Permissions; "Azure built-in roles", Key Vault; "Key Vault RBAC migration").
 */
export const PERMISSIONS = Object.freeze({
  key: {
    get: ["get", "keys/read"],
    list: ["list", "keys/read"],
    getDeleted: ["get", "keys/read"],
    create: ["create", "keys/create/action"],
    import: ["import", "keys/import/action"],
    update: ["update", "keys/update/action"],
    ...lifeCycle("keys"),
    encrypt: ["encrypt", "keys/encrypt/action"],
    decrypt: ["decrypt", "keys/decrypt/action"],
    wrapKey: ["wrapkey", "keys/wrap/action"],
    unwrapKey: ["unwrapkey", "keys/unwrap/action"],
    sign: ["sign", "keys/sign/action"],
    verify: ["verify", "keys/verify/action"],
    release: ["release", "keys/release/action"],
    rotate: ["rotate", "keys/rotate/action"],
    getRotationPolicy: ["getrotationpolicy", "keyrotationpolicies/read"],
    setRotationPolicy: ["setrotationpolicy", "keyrotationpolicies/write"],
  },
  secret: {
    get: ["get", "secrets/getSecret/action"],
    list: ["list", "secrets/readMetadata/action"],
    getDeleted: ["get", "secrets/readMetadata/action"],
    set: ["set", "secrets/setSecret/action"],
    update: ["set", "secrets/update/action"],
    ...lifeCycle("secrets"),
  },
  certificate: {
    get: ["get", "certificates/read"],
    list: ["list", "certificates/read"],
    getDeleted: ["get", "certificates/read"],
    create: ["create", "certificates/create/action"],
    import: ["import", "certificates/import/action"],
    update: ["update", "certificates/update/action"],
    ...lifeCycle("certificates"),
    manageContacts: ["managecontacts", "certificatecontacts/write"],
    getIssuers: ["getissuers", "certificatecas/read"],
    listIssuers: ["listissuers", "certificatecas/read"],
    setIssuers: ["setissuers", "certificatecas/write"],
    deleteIssuers: ["deleteissuers", "certificatecas/delete"],
  },
} as const);

/** The kinds of objects in a vault. */
export type ObjectKind = keyof typeof PERMISSIONS;

/** A required right, for example `{ kind: "key", action: "sign" }`. */
export type Need = {
  [K in ObjectKind]: { readonly kind: K; readonly action: keyof (typeof PERMISSIONS)[K] };
}[ObjectKind];

/** The segment of the path under which a kind lives, and its name in access policies. */
export const SEGMENTS = Object.freeze({ key: "keys", secret: "secrets", certificate: "certificates" } as const);

/** A need as access policies and roles word it. */
export function needed(need: Need): { readonly permission: string; readonly dataAction: string } {
  const table: Readonly<Record<string, Right>> = PERMISSIONS[need.kind];
  const [permission, dataAction] = table[need.action] ?? ["", ""];
  return { permission, dataAction: `Microsoft.KeyVault/vaults/${dataAction}` };
}
