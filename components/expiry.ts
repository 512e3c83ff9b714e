import * as pulumi from "@pulumi/pulumi";

/** Milliseconds of a day. */
const DAY_MS = 86_400_000;

/** What is said of a certificate that ends. */
export interface ExpiryNotice {
  readonly severity: "warning" | "error";
  readonly message: string;
}

/**
 * What there is to say of a certificate's end, if anything: a warning from `warningDays` before it, an error once it has
 * passed. `what` begins a sentence; `notAfter` is ISO 8601.
 */
export function expiryNotice(
  { what, notAfter, remedy }: { readonly what: string; readonly notAfter: string; readonly remedy: string },
  warningDays: number,
  now: Date,
): ExpiryNotice | undefined {
  const left = new Date(notAfter).getTime() - now.getTime();
  const day = notAfter.slice(0, 10);
  if (left <= 0) return { severity: "error", message: `${what} expired on ${day}. What to do: ${remedy}` };
  if (!(left <= warningDays * DAY_MS)) return undefined;
  const days = Math.floor(left / DAY_MS);
  const span = days === 0 ? "within a day" : days === 1 ? "in 1 day" : `in ${days} days`;
  return { severity: "warning", message: `${what} expires ${span}, on ${day}. What to do: ${remedy}` };
}

/** An error that shows as its message at the resource. A stack may cost the host many seconds (docs/decisions/0005). */
function ended(message: string, resource: pulumi.Resource): pulumi.ResourceError {
  const error = new pulumi.ResourceError(message, resource, true);
  delete error.stack;
  return error;
}

/**
 * Tells of a certificate's end at its resource, in previews as in updates; an error fails the run. A certificate that is
 * issued anew in this run has an end that a preview does not know, and nothing is said of it.
 */
export function tellExpiry(
  resource: pulumi.Resource,
  certificate: { readonly what: string; readonly notAfter: pulumi.Output<string>; readonly remedy: string },
  warningDays: number,
): void {
  certificate.notAfter.apply((notAfter) => {
    const notice = expiryNotice({ ...certificate, notAfter: notAfter ?? "" }, warningDays, new Date());
    if (notice?.severity === "error") throw ended(notice.message, resource);
    if (notice?.severity === "warning") pulumi.log.warn(notice.message, resource);
  });
}
