import { stopRunning } from '../../tools/local-stack/src/inspect';
import { stackDir } from './e2e-stack';

export default async function tearDown(): Promise<void> {
  await stopRunning(stackDir(), () => undefined);
}
