// Preloaded with `node -r`, before anything that tracing has to patch is required.
import { preload } from '@tripline/telemetry';

preload({ service: 'api' });
