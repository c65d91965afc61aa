import { createInterface } from 'node:readline/promises';
import type { ReadStream } from 'node:tty';
import { Writable } from 'node:stream';

import type { Environment } from '@tripline/runtime';

export interface PasswordSources {
  env: Environment;
  input: NodeJS.ReadStream | ReadStream;
  output: NodeJS.WritableStream;
}

/** Reads TRIPLINE_PASSWORD, else prompts at a terminal without echo, else reads the first line of standard input. */
export async function readPassword({ env, input, output }: PasswordSources): Promise<string> {
  const given = env['TRIPLINE_PASSWORD'];
  if (given !== undefined && given !== '') {
    return given;
  }
  return input.isTTY ? askWithoutEcho(input, output) : readFirstLine(input);
}

async function askWithoutEcho(input: NodeJS.ReadStream, output: NodeJS.WritableStream): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input, output: silent, terminal: true });
  output.write('Password: ');
  try {
    return await prompt.question('');
  } finally {
    prompt.close();
    output.write('\n');
  }
}

async function readFirstLine(input: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface({ input });
  try {
    for await (const line of lines) {
      return line;
    }
    return '';
  } finally {
    lines.close();
  }
}
