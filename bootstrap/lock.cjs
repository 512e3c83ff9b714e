"use strict";
const fs = require("node:fs");
const path = require("node:path");

/** Whether a process is a zombie, which kill(pid, 0) still finds (Linux containers). */
function zombie(pid) {
  if (process.platform !== "linux") return false;
  try {
    // "pid (name) state ...": the name may contain parentheses.
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

/** Whether the process runs. EPERM means that it does, under another user. */
function alive(pid) {
  try {
    process.kill(pid, 0);
    return !zombie(pid);
  } catch (error) {
    return error.code === "EPERM";
  }
}

function holder(file) {
  try {
    return parseInt(fs.readFileSync(file, "utf8"), 10);
  } catch (error) {
    if (error.code === "ENOENT") return null;
    throw error;
  }
}

function take(file, pid) {
  // Written under another name, then linked, which fails if another run was faster: a lock file is always complete and
  // names its holder.
  const own = `${file}.${pid}`;
  fs.writeFileSync(own, String(pid));
  try {
    fs.linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    fs.rmSync(own, { force: true });
  }
}

/** The locks of this process: a file alone may be of an earlier process with the same ID. */
const held = new Set();

async function withLock(file, work, options) {
  const { pid = process.pid, isAlive = alive, waiting = () => {}, pause = 200 } = options || {};
  fs.mkdirSync(path.dirname(file), { recursive: true });
  while (held.has(file) || !take(file, pid)) {
    const other = holder(file);
    if (other === null) continue;
    if (held.has(file) || (other !== pid && isAlive(other))) {
      waiting(other);
      await new Promise((resolve) => setTimeout(resolve, pause));
    } else if (holder(file) === other) {
      fs.rmSync(file, { force: true });
    }
  }
  held.add(file);
  try {
    return await work();
  } finally {
    held.delete(file);
    if (holder(file) === pid) fs.rmSync(file, { force: true });
  }
}

module.exports = { alive, withLock };
