import type { JsonObject } from "../../../azure/wire/jsonObject";
import { type MemberVersions, visibleMembers } from "../../kernel/memberVersions";
import type { Request } from "../../kernel/operation";

/**
 * Members of identities and twins by api-version: azure-iot-hub 2.2.1 (2020-03) has no `parentScopes`, 2.6.1 (2021-04-12)
 * has. The versions between are a guess.
 */
const VERSIONS: MemberVersions = Object.freeze({ stable: { "2020-05": ["parentScopes"] } });

/** Returns an identity or a twin without the members that the api-version of a request does not know. */
export const ofApiVersion = ({ query }: Pick<Request, "query">, body: object): JsonObject =>
  visibleMembers(VERSIONS, query.get("api-version") ?? "", body as JsonObject);
