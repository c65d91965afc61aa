import { type ChannelListener, type Database, listenToChannel } from '@tripline/database';

/**
 * Calls `onChange` with the id of every changed pipeline. Calls it with null after a (re)connection, when changes may have been
 * missed and the caller must reload every pipeline.
 */
export function listenForPipelineChanges(
  database: Database,
  onChange: (pipelineId: string | null) => void,
): ChannelListener {
  return listenToChannel(database, { name: 'pipeline changes', channel: 'pipelines_changed', onNotify: onChange });
}
