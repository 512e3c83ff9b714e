import type { Request, Response } from "../../kernel/operation";
import { pageRequest, pageResponse } from "../objects/objectPage";
import type { ObjectVersion } from "../objects/objectVersion";
import { authorize } from "../vaultAuthorization";
import { type CertificateDependencies, certificateDefinition, pendingVersion } from "./certificateDefinition";

/** `GET /certificates`, in the order of names; with `includePending=true`, pending certificates included. */
export function listCertificates(request: Request, deps: CertificateDependencies): Response {
  const context = authorize(request, { kind: "certificate", action: "list" }, deps);
  const vault = context.vault.key;
  const page = pageRequest(request);
  const top = page.size + 1;
  const existing = deps.objects.list(vault, "certificate", { deleted: false, after: page.after, top });
  const includesPending = request.query.get("includepending")?.toLowerCase() === "true";
  const names = new Set(existing.map(({ name }) => name.toLowerCase()));
  const pending = (includesPending ? deps.pending.list(vault, page.after, top) : [])
    .filter(({ name, status }) => status === "inProgress" && !names.has(name.toLowerCase()))
    .map(pendingVersion);
  const mark = ({ name }: ObjectVersion): string => name.toLowerCase();
  const found = [...existing, ...pending].sort((a, b) => (mark(a) < mark(b) ? -1 : 1)).slice(0, top);
  const definition = certificateDefinition(deps);
  return pageResponse(request, context.vault, page, found, (each) => definition.item(each, context, false), mark);
}
