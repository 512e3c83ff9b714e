/** The input `adopt`: whether a create may take over what exists at the service and is not in the state. */
import type { Field } from "./fields";

const ETAG = /^[\x21-\x7e]{1,200}$/;

/** True: whatever it says now; an ETag: only that revision; false or absent: never. Of no effect after the create. */
export const ADOPT: Field = {
  onChange: "ignore",
  validate: (value) =>
    typeof value === "boolean" || (typeof value === "string" && ETAG.test(value))
      ? undefined
      : "must be true, false, or the ETag that the existing resource has",
};

/** An ETag without the quotation marks that a service writes inside it. */
export const withoutQuotes = (etag: string): string => etag.replace(/^"|"$/g, "");

/** What `adopt` says about a present revision: take it over, refuse it, or refuse it because its ETag has changed. */
export function adoption(adopt: unknown, etag: string | undefined): "adopt" | "refuse" | "changed" {
  if (adopt === undefined || adopt === false || etag === undefined) return "refuse";
  return adopt === true || withoutQuotes(String(adopt)) === withoutQuotes(etag) ? "adopt" : "changed";
}
