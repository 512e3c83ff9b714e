import { strict as assert } from "node:assert";
import { cacheFolder } from "../../../cli/checkoutPaths";

describe("cli/checkoutPaths", () => {
  it("puts the cache where each system keeps caches", () => {
    const linux = { platform: "linux", home: "/home/a" } as const;
    assert.equal(cacheFolder({ ...linux, environment: {} }), "/home/a/.cache/azure-iot-zero-touch");
    assert.equal(cacheFolder({ ...linux, environment: { XDG_CACHE_HOME: "/x" } }), "/x/azure-iot-zero-touch");
    assert.equal(
      cacheFolder({ ...linux, environment: { XDG_CACHE_HOME: "relative" } }),
      "/home/a/.cache/azure-iot-zero-touch",
    );
    assert.equal(
      cacheFolder({ platform: "darwin", home: "/Users/a", environment: {} }),
      "/Users/a/Library/Caches/azure-iot-zero-touch",
    );
    const windows = { platform: "win32", home: "C:\\Users\\a" } as const;
    assert.equal(
      cacheFolder({ ...windows, environment: { LOCALAPPDATA: "D:\\Local" } }),
      "D:\\Local\\azure-iot-zero-touch\\Cache",
    );
    assert.equal(
      cacheFolder({ ...windows, environment: {} }),
      "C:\\Users\\a\\AppData\\Local\\azure-iot-zero-touch\\Cache",
    );
  });
});
