/** Where transcripts are kept for good. */
export interface TranscriptDestination {
  /** URL, without a shared access signature. */
  readonly url: string;
  /** Returns a file's bytes; undefined where there is none. Errors: OperatorError UploadFailed. */
  read(name: string): Promise<Buffer | undefined>;
  /** Writes a file where there is none; leaves one that is there as it is. Errors: OperatorError UploadFailed. */
  create(name: string, bytes: Buffer): Promise<void>;
}
