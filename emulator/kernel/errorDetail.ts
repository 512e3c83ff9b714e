/** Optional details of an error of a data plane. */
export interface ErrorDetail {
  /** The exact reason. Azure does not return it, so it goes into a header of the local Azure. */
  readonly reason?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The header of the reason. */
export const REASON_HEADER = "x-local-azure-reason";

/** Header values are ASCII; names of certificates need not be. */
const headerText = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 500);

/** The headers of a detail: the reason and the error's own. */
export const detailHeaders = ({ reason, headers }: ErrorDetail): Readonly<Record<string, string>> => ({
  ...(reason === undefined ? {} : { [REASON_HEADER]: headerText(reason) }),
  ...headers,
});
