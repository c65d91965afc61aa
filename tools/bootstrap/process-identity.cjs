'use strict';
/** Distinguishes processes that reuse a pid: pid plus start time (plus boot id on Linux). */
const fs = require('node:fs');
const { execFileSync } = require('node:child_process');

/** Start time of a live process as an opaque string; undefined when there is no such process or it is a zombie. */
function startTimeOf(pid) {
  if (process.platform === 'linux') {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The second field is the command in parentheses and may contain spaces; fields 3, 4, … follow the last ')'.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
      const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      return `${boot}/${fields[19]}`; // field 22: start time in clock ticks since boot
    } catch {
      return undefined;
    }
  }
  try {
    const out = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return out === '' || out.startsWith('Z') ? undefined : out.replace(/^\S+\s+/, '');
  } catch {
    return undefined;
  }
}

/** Identity of a running process; `startTime` is undefined when it is already gone. */
function identify(pid) {
  return { pid, startTime: startTimeOf(pid) };
}

/** True while exactly that process runs; a later process with the same pid does not count. */
function isAlive(identity) {
  return identity.startTime !== undefined && startTimeOf(identity.pid) === identity.startTime;
}

module.exports = { identify, isAlive };
