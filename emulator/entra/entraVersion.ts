/** The versions of Entra's endpoints. */
export type EntraVersion = "v1" | "v2";
