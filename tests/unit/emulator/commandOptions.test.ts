import { strict as assert } from "node:assert";
import { readCommandLine, USAGE } from "../../../emulator/commandOptions";

describe("the command line of the local Azure", () => {
  it("has defaults for one machine", () => {
    const { ca, command, directory, listen, logLevel, preload, shell, starter } = readCommandLine([], {});
    assert.deepEqual(
      [command, directory, logLevel, shell, preload, ca],
      ["run", ".local-azure", "silent", "posix", false, undefined],
    );
    assert.deepEqual(Object.values({ ...listen, ...starter }).filter(Boolean), []);
  });

  it("takes options from variables, as a container sets them, and arguments before them", () => {
    const variables = {
      LOCAL_AZURE_DIR: "/data",
      LOCAL_AZURE_PORT: "8080",
      LOCAL_AZURE_TLS_PORT: "443,8883",
      LOCAL_AZURE_HOST: "",
    };
    const { directory, listen } = readCommandLine(["env", "--port", "9000"], variables);
    assert.equal(directory, "/data");
    assert.deepEqual(listen, { host: undefined, port: 9000, publicHost: undefined, tlsPorts: [443, 8883] });
  });

  it("refuses what it does not know, with the remedy", () => {
    for (const [args, message] of [
      [["--shell", "tcsh"], /"tcsh"\. To fix: use posix, fish/],
      [["--log-level", "loud"], /"loud"\. To fix: use silent, error/],
      [["start"], /"start"\. To fix: use run, env, status/],
      [["run", "now"], /"now"/],
      [["--port", "http"], /--port is "http"\. To fix/],
      [["--tls-port", "443,"], /--tls-port is ""/],
      [["--listen", "x"], /--listen/],
    ] as const) {
      assert.throws(() => readCommandLine(args, {}), message);
    }
  });

  it("names every option in its usage", () => {
    for (const name of [
      "dir",
      "hub",
      "dps",
      "shell",
      "preload",
      "ca",
      "log-level",
      "port",
      "tls-port",
      "host",
      "public-host",
    ]) {
      assert.ok(USAGE.includes(`--${name} `), name);
    }
  });
});
