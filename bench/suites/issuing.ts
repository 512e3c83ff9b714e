import { execFile } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { issueMany } from "../../certs/bulk/issueMany";
import { numberedIds } from "../../certs/bulk/registrationIds";
import { issueRoot } from "../../certs/issue";
import { generateKeyPair } from "../../certs/keys";
import { KeySigner } from "../../certs/signer";
import { withFolder } from "../environment/processes";
import { compare, type Measurement, perSecond } from "../measure";

/** In memory where Linux offers it: making a file took from 25 to 270 µs on one and the same disk, by what else it did. */
const MEMORY = "/dev/shm";

const ROUNDS = 5;
/** Leaves of a round of ours; files, manifest and the start of the threads are in its time. */
const LEAVES = 20_000;
/** Rounds of the rival by node:crypto, divided among the cores. */
const BARE = 40_000;
/** Leaves of a round of the shell loop. */
const LOOPED = 60;

/** A key and a signature, over and over, on a thread of its own; the message is the seconds it took. */
const BARE_THREAD = `
const { generateKeyPairSync, randomBytes, sign } = require("node:crypto");
const { parentPort, workerData } = require("node:worker_threads");
const ca = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
const tbs = randomBytes(400);
parentPort.once("message", () => {
  for (let count = 0; count < workerData; count += 1) {
    generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    sign("sha256", tbs, ca);
  }
  parentPort.postMessage("done");
});
parentPort.postMessage("ready");
`;

/** What a person would write: a key, a request and a signature for each device, by the openssl program. */
const LOOP = `set -e
for number in $(seq ${LOOPED}); do
  openssl ecparam -name prime256v1 -genkey -noout -out "$number.key"
  openssl req -new -key "$number.key" -subj "/CN=device-$number" -out "$number.csr"
  openssl x509 -req -in "$number.csr" -CA ca.pem -CAkey ca.key -days 365 -extfile ext -out "$number.pem" 2>/dev/null
done`;

const PREPARE = `set -e
openssl ecparam -name prime256v1 -genkey -noout -out ca.key
openssl req -x509 -new -key ca.key -subj /CN=ca -days 3650 -out ca.pem
printf 'basicConstraints=critical,CA:FALSE\\nkeyUsage=critical,digitalSignature\\nextendedKeyUsage=clientAuth\\n' > ext`;

const shell = (script: string, cwd: string) => promisify(execFile)("bash", ["-c", script], { cwd });

function response(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
}

/** Threads are started before the time is taken: the rival is the bare work. */
async function bareRate(): Promise<number> {
  const threads = availableParallelism();
  const share = Math.ceil(BARE / threads);
  const workers = Array.from({ length: threads }, () => new Worker(BARE_THREAD, { eval: true, workerData: share }));
  try {
    await Promise.all(workers.map(response));
    return await perSecond(share * threads, () => {
      const responses = workers.map(response);
      for (const worker of workers) worker.postMessage("go");
      return Promise.all(responses);
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Device certificates a second, P-256 with their keys, against what they cost at least and against a shell loop. */
export function issuingMeasurements(): Promise<Measurement[]> {
  return withFolder(
    async (folder) => {
      const issuerKey = await generateKeyPair("EC-P256");
      const issuer = await issueRoot({ commonName: "Bench Root", signer: new KeySigner(issuerKey) });
      await shell(PREPARE, folder);
      let round = 0;
      const ours = (): Promise<number> => {
        const registrationIds = numberedIds({ count: LEAVES });
        round += 1;
        const output = join(folder, `out${round}`);
        return perSecond(LEAVES, () => issueMany({ registrationIds, issuer, issuerKey, folder: output })).finally(() =>
          rmSync(output, { recursive: true }),
        );
      };
      const what = `P-256 keys and certificates of ${LEAVES} devices in files, with their manifest, all cores`;
      const common = { what, unit: "certificates/s", rounds: ROUNDS, ours } as const;
      return [
        await compare({
          name: "issuing",
          rival: "node:crypto: a P-256 key and one signature, nothing else, all cores",
          bound: { atLeast: 0.4 },
          theirs: bareRate,
          ...common,
        }),
        await compare({
          name: "issuing.shell",
          rival: "shell loop over the openssl program: ecparam, req, x509",
          bound: { atLeast: 200 },
          theirs: () => perSecond(LOOPED, () => shell(LOOP, folder)),
          ...common,
        }),
      ];
    },
    existsSync(MEMORY) ? MEMORY : tmpdir(),
  );
}
