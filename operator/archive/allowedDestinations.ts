import { OperatorError } from "../operatorError";

/** Throws for a destination to which transcripts may not be moved. Errors: OperatorError AccessDenied. */
export type CheckDestination = (url: string) => void;

/** The account of a blob container, the folder of whatever is in it: hosts of Azurite have it in their path. */
function accountOf(store: URL): string {
  const isInPath =
    !store.hostname.endsWith(".windows.net") && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(store.hostname);
  return isInPath ? `${store.origin}/${store.pathname.split("/")[1] ?? ""}` : store.origin;
}

const segmentsOf = ({ pathname }: URL): string[] => pathname.split("/").filter((segment) => segment !== "");

const isWithin = (url: URL, place: URL): boolean => {
  const [own, wanted] = [segmentsOf(url), segmentsOf(place)];
  return url.origin === place.origin && wanted.every((segment, index) => own[index] === segment);
};

/**
 * Which destinations `Close-PrivilegedEndpoint` takes: those within `allowed`, URLs of accounts, containers or folders. Without
 * any: the account of a store in Blob Storage, and everything for a SQLite store. Errors: TypeError for what is no URL.
 */
export function allowedDestinations(allowed: readonly string[], store: string): CheckDestination {
  const isBlobStore = /^https?:/i.test(store);
  const places = (allowed.length === 0 && isBlobStore ? [accountOf(new URL(store))] : allowed).map(
    (each) => new URL(each),
  );
  return (text) => {
    // What is no URL is refused where it is opened.
    if (places.length === 0 || !URL.canParse(text)) return;
    const url = new URL(text);
    if (places.some((place) => isWithin(url, place))) return;
    const message = `Transcripts may not be moved to ${url.origin}${url.pathname}.`;
    const remedy = `give a destination within ${places.map(({ origin, pathname }) => origin + pathname).join(", ")}`;
    throw new OperatorError("AccessDenied", message, remedy);
  };
}
