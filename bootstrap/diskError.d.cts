/** A SetupError NOT_WRITABLE for a failed access to the disk (EACCES, EPERM, EROFS, ENOSPC); any other error as it is. */
export declare function diskError(error: unknown): unknown;
