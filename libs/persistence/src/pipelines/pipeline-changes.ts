import type { Database } from '../database/database';

export interface PipelineChangeListener {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Calls `onChange` with the id of every pipeline that changed, and with null after a (re)connection, when changes may have
 * been missed and everything is to be reloaded.
 */
export declare function listenForPipelineChanges(
  database: Database,
  onChange: (pipelineId: string | null) => void,
): PipelineChangeListener;
