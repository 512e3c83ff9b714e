import type { CheckDestination } from "../archive/allowedDestinations";
import { type ArchivedTranscript, type ArchiverDependencies, TranscriptArchiver } from "../archive/transcriptArchiver";
import type { TranscriptDestination } from "../archive/transcriptDestination";
import type { Credential, OperatorCommand } from "./operatorCommand";

/** Opens the destination of a URL. Errors: OperatorError ParameterInvalid. */
export type OpenDestination = (url: string, credential: Credential | undefined) => TranscriptDestination;

/** What the command works with. */
export interface CloseDependencies extends ArchiverDependencies {
  readonly checkDestination: CheckDestination;
}

/** Close-PrivilegedEndpoint. */
export const closePrivilegedEndpoint = (
  dependencies: CloseDependencies,
  openDestination: OpenDestination = blobDestination,
): OperatorCommand => ({
  name: "Close-PrivilegedEndpoint",
  about:
    "Ends the session, and moves its transcript and those of earlier sessions to a blob container. Each is removed here once its file there is read back and has the same hash.",
  parameters: [
    {
      name: "TranscriptsPathDestination",
      type: "String",
      about:
        "URL of the container or of a folder in it: https://ACCOUNT.blob.core.windows.net/CONTAINER[/FOLDER]. A shared access signature in it needs read and create (rc).",
      isMandatory: true,
      position: 0,
      from: 1,
      to: 4096,
    },
    {
      name: "Credential",
      type: "Credential",
      about:
        "Name and key of the storage account. Default: the shared access signature of the URL, or else the endpoint's own identity in Entra ID.",
    },
  ],
  role: "operator",
  example:
    "Close-PrivilegedEndpoint -TranscriptsPathDestination https://account.blob.core.windows.net/transcripts -Credential Get-Credential",
  async run({ TranscriptsPathDestination, Credential }, { session, signal }) {
    dependencies.checkDestination(String(TranscriptsPathDestination));
    const destination = openDestination(String(TranscriptsPathDestination), Credential as Credential | undefined);
    const archiver = new TranscriptArchiver(dependencies, destination, session);
    await archiver.probe(session.id);
    const earlier = await archiver.moveOthers(session.id, signal);
    return {
      value: { transcripts: earlier },
      endsSession: true,
      afterClose: async () => {
        const transcripts = [...earlier, await archiver.move(session.id)];
        const isWhole = transcripts.every(({ state }) => state !== "kept");
        return { value: { transcripts }, text: report(transcripts, destination.url), exitCode: isWhole ? 0 : 1 };
      },
    };
  },
});

function blobDestination(url: string, credential: Credential | undefined): TranscriptDestination {
  const store = require("../store/blobContainer") as typeof import("../store/blobContainer");
  const archive = require("../archive/blobDestination") as typeof import("../archive/blobDestination");
  const key = credential && { account: credential.userName, key: credential.password };
  return new archive.BlobDestination(store.blobContainer(url, key));
}

function report(transcripts: readonly ArchivedTranscript[], url: string): string {
  const lines = transcripts.map(({ session, state, bytes, sha256, error }) => {
    if (state === "empty") return `${session}  removed: it had no entry`;
    if (state === "uploaded") return `${session}  uploaded, ${bytes} bytes, SHA-256 ${sha256}`;
    if (state === "foreign") return `${session}  stays: it is of another user, and an administrator moves it`;
    return state === "open" ? `${session}  stays: its session is open` : `${session}  kept: ${error}`;
  });
  const kept = transcripts.filter(({ state }) => state === "kept").length;
  const result =
    kept === 0
      ? `The session is closed. Transcripts are at ${url}.`
      : `The session is closed. Transcripts that are kept: ${kept}.\nTo fix: connect again, and run Close-PrivilegedEndpoint again.`;
  return `${lines.join("\n")}\n${result}`;
}
