// Preloaded with `node -r`, because tracing must patch modules before they are first required.
import { preload } from '@tripline/telemetry';

preload({ service: 'api' });
