/** Generates the Prisma client when the schema or the Prisma version has changed. */
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import lock from './file-lock.cjs';
import { BootstrapError } from './npm-failure.mjs';

const LIB = 'libs/database';
const LOCK_WAIT_MS = 120_000;

function schemaKey(root) {
  const hash = createHash('sha256');
  hash.update(fs.readFileSync(path.join(root, LIB, 'prisma/schema.prisma')));
  const manifest = fs.readFileSync(path.join(root, 'node_modules/prisma/package.json'), 'utf8');
  return hash.update(JSON.parse(manifest).version).digest('hex');
}

function isGenerated(root) {
  const generated = path.join(root, LIB, 'src/generated');
  try {
    // The key is stored inside the generated code, so removing the code removes the key too.
    return fs.readFileSync(path.join(generated, '.schema-key'), 'utf8') === schemaKey(root);
  } catch {
    return false;
  }
}

/** Generates the client if needed. Nothing is downloaded: the generator does not use Prisma's engine binaries. */
export async function ensurePrismaClient(root, node, say) {
  if (!fs.existsSync(path.join(root, LIB, 'prisma/schema.prisma')) || isGenerated(root)) return;
  const unlock = await lock.acquireFileLock(path.join(root, '.local', 'prisma.lock'), { waitMs: LOCK_WAIT_MS });
  if (!unlock) throw new BootstrapError('Another command has been generating the Prisma client for too long.');
  try {
    if (isGenerated(root)) return;
    const from = Date.now();
    await generate(root, node);
    fs.writeFileSync(path.join(root, LIB, 'src/generated/.schema-key'), schemaKey(root));
    say(`Prisma client generated in ${((Date.now() - from) / 1000).toFixed(1)} s`);
  } finally {
    unlock();
  }
}

async function generate(root, node) {
  const prisma = path.join(root, 'node_modules/prisma/build/index.js');
  const { code, output } = await new Promise((resolve) => {
    const child = spawn(node, [prisma, 'generate'], {
      cwd: path.join(root, LIB),
      stdio: ['ignore', 'pipe', 'pipe'],
      // Any existing file stops Prisma from downloading an engine; generating does not run the engine.
      env: {
        ...process.env,
        PRISMA_SCHEMA_ENGINE_BINARY: node,
        CHECKPOINT_DISABLE: '1',
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
      },
    });
    let text = '';
    const collect = (chunk) => (text += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    child.once('close', (exitCode) => resolve({ code: exitCode, output: text }));
  });
  if (code !== 0) throw new BootstrapError(`prisma generate failed:\n${output.trim()}`);
}
