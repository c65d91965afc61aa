const LONGEST = 300;
/** Lines that Node.js prints around an uncaught error. */
const NOISE = /^(\s+at |Node\.js v|\s*[\^}{]+\s*$|\s*$)/;

/**
 * The newest error in a service's output, as one line: the message of its last log line of level error or fatal, else
 * the last line that names an error, else the last line. Undefined when it wrote nothing.
 */
export function lastErrorOf(output: string): string | undefined {
  const lines = output.split('\n').filter((line) => !NOISE.test(line));
  const newestFirst = [...lines].reverse();
  const logged = newestFirst.map(loggedError).find((message) => message !== undefined);
  const plain = newestFirst.find((line) => /\b\w*(Error|Exception|FATAL)\b/.test(line) && !line.startsWith('{'));
  const found = logged ?? plain ?? newestFirst.find((line) => !line.startsWith('{'));
  return found?.trim().slice(0, LONGEST);
}

function loggedError(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { level, message, error_message } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (level !== 'error' && level !== 'fatal') return undefined;
    return [message, error_message].filter((part) => typeof part === 'string').join(': ') || undefined;
  } catch {
    return undefined; // cut off when the process died
  }
}
