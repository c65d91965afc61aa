/** An error whose message is all a user needs: shown without a stack. */
export class BootstrapError extends Error {}

/** What npm's error codes mean for the reader; the first that occurs in the output counts. */
const CAUSES = [
  [/spawn npm ENOENT|ENOENT spawn npm/, 'npm is not on the PATH. It comes with Node.js: https://nodejs.org'],
  [/ENOSPC/, 'the disk is full.'],
  [/EACCES|EPERM|EROFS/, 'this user may not write there: check who owns node_modules and .local.'],
  [
    /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/i,
    'the npm registry cannot be reached: check the network, a proxy (HTTPS_PROXY) and `npm config get registry`.',
  ],
  [/EINTEGRITY/, 'a package is not what package-lock.json recorded: `npm cache clean --force`, then try again.'],
  [
    /EUSAGE|can only install packages when your package\.json and package-lock\.json/,
    'package.json and package-lock.json disagree: `npm install` brings them together.',
  ],
];

/** One message: what failed, why, and the end of what npm said. */
export function explainNpmFailure(command, output) {
  const cause = CAUSES.find(([pattern]) => pattern.test(output))?.[1] ?? 'see what npm said:';
  const tail = output.trim().split('\n').slice(-12).join('\n');
  return `npm ${command} failed: ${cause}\n${tail}`;
}
