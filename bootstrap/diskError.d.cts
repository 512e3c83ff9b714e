/** A SetupError NOT_WRITABLE for a failed access to the disk (EACCES, EPERM, EROFS, ENOSPC); other errors unchanged. */
export declare function diskError(error: unknown): unknown;
