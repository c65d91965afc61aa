'use strict';
/**
 * A lock between processes: a file that names its owner. A lock whose owner is gone is taken over, so a killed
 * command never blocks the next one. Plain JavaScript without packages: the bootstrap needs it before the installation.
 */
const fs = require('node:fs');
const path = require('node:path');
const { identify, isAlive } = require('./process-identity.cjs');

/** Owner of the lock file; undefined when there is no file or a crash left it partly written. */
function readOwner(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Takes the lock if it is free or its owner is gone; returns false when a live process holds it. */
function tryLock(file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  fs.writeFileSync(mine, JSON.stringify(identify(process.pid)));
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        // link() is atomic and the file is complete at once, unlike open('wx') followed by a write.
        fs.linkSync(mine, file);
        return true;
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const owner = readOwner(file);
      if (owner && isAlive(owner)) return false;
      const grave = `${mine}.stale`;
      try {
        fs.renameSync(file, grave);
      } catch {
        continue; // another process removed it first
      }
      // Another process may have taken over the lock between the check and the rename: restore it.
      const buried = readOwner(grave);
      if (buried && isAlive(buried)) fs.linkSync(grave, file);
      fs.rmSync(grave, { force: true });
    }
    return false;
  } finally {
    fs.rmSync(mine, { force: true });
  }
}

/**
 * Takes the lock `file` and returns the function that releases it, or undefined when it is still held after `waitMs`.
 * `onWait(owner)` is called once when another process holds it.
 */
async function acquireFileLock(file, { waitMs = 0, onWait } = {}) {
  const deadline = Date.now() + waitMs;
  let told = false;
  while (!tryLock(file)) {
    if (Date.now() >= deadline) return undefined;
    if (!told && onWait) onWait(readOwner(file));
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    fs.rmSync(file, { force: true });
  };
}

module.exports = { acquireFileLock };
