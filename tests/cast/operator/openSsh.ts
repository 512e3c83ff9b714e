import { execFileSync, spawnSync } from "node:child_process";

let isThere = false;

/**
 * Makes sure that OpenSSH's client and `ssh-keygen` are on this machine: containers for CI often have none, and get Debian's
 * package. Throws where that fails.
 */
export function openSsh(): void {
  isThere ||= spawnSync("ssh", ["-V"]).status === 0;
  if (isThere) return;
  const apt = (...args: string[]) => execFileSync("apt-get", ["-qq", ...args], { stdio: "pipe" });
  try {
    apt("update");
    apt("install", "--yes", "--no-install-recommends", "openssh-client");
  } catch (cause) {
    throw new Error("These tests need OpenSSH's client.\nTo fix: install it (Debian: openssh-client).", { cause });
  }
  isThere = true;
}
