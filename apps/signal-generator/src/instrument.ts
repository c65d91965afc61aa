import { preload } from '@tripline/telemetry';

// Loaded with `node -r` before anything else, because instrumentations patch modules when they are first required.
preload({ service: 'signal-generator' });
