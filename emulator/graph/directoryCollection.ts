import { applicationOf, type DirectoryObject, managedOf, servicePrincipalOf } from "./directoryObject";
import type { GraphDependencies } from "./graphDependencies";
import type { Condition } from "./odataFilter";

/** A collection of directory objects. */
export interface Collection {
  /** In paths, for example `servicePrincipals`. */
  readonly name: string;
  /** In names of operations, for example `ServicePrincipal`. */
  readonly title: string;
  /** The type in `@odata.type` and in the `types` of getByIds, for example `servicePrincipal`. */
  readonly type: string;
  readonly objects: () => readonly DirectoryObject[];
  /** Whether a path can have another name than the ID, such as a user's principal name. Default false. */
  readonly hasOtherNames?: boolean;
  /** The properties that each form of condition can filter by. */
  readonly filters: Readonly<Partial<Record<Condition["kind"], readonly string[]>>>;
}

/** The collections: the tenant's one application, its service principal and those of managed identities, and no users. */
export function directoryCollections({ tenant, application, directory }: GraphDependencies): readonly Collection[] {
  return [
    {
      name: "servicePrincipals",
      title: "ServicePrincipal",
      type: "servicePrincipal",
      objects: () => [servicePrincipalOf(tenant), ...directory.principals().map((each) => managedOf(each, tenant))],
      filters: {
        eq: ["id", "appId", "displayName", "servicePrincipalType"],
        startswith: ["displayName"],
        any: ["servicePrincipalNames"],
      },
    },
    {
      name: "applications",
      title: "Application",
      type: "application",
      objects: () => [applicationOf(tenant, application)],
      filters: { eq: ["id", "appId", "displayName"], startswith: ["displayName"], any: ["identifierUris"] },
    },
    // az looks here first for an assignee with an @ in it.
    {
      name: "users",
      title: "User",
      type: "user",
      objects: () => [],
      hasOtherNames: true,
      filters: { eq: ["userPrincipalName", "displayName"], startswith: ["displayName"] },
    },
  ];
}
