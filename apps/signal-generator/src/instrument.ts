import { preload } from '@tripline/telemetry';

// Loaded with `node -r` before anything else: instrumentations patch modules as they are first required.
preload({ service: 'signal-generator' });
