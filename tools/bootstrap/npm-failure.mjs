/** An error that is shown as its message only, without a stack trace. */
export class BootstrapError extends Error {}

/** Explanations of npm's error codes; the first one found in the output counts. */
const CAUSES = [
  [/spawn npm ENOENT|ENOENT spawn npm/, 'npm is not on the PATH. It comes with Node.js: https://nodejs.org'],
  [/ENOSPC/, 'the disk is full.'],
  [/EACCES|EPERM|EROFS/, 'this user has no permission to write: check who owns node_modules and .local.'],
  [
    /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/i,
    'the npm registry cannot be reached: check the network, a proxy (HTTPS_PROXY) and `npm config get registry`.',
  ],
  [/EINTEGRITY/, 'a package is not what package-lock.json recorded: `npm cache clean --force`, then try again.'],
  [
    /EUSAGE|can only install packages when your package\.json and package-lock\.json/,
    'package.json and package-lock.json disagree: run `npm install` to fix that.',
  ],
];

/** One message: what failed, why, and the last lines of npm's output. */
export function explainNpmFailure(command, output) {
  const cause = CAUSES.find(([pattern]) => pattern.test(output))?.[1] ?? "see npm's output:";
  const tail = output.trim().split('\n').slice(-12).join('\n');
  return `npm ${command} failed: ${cause}\n${tail}`;
}
