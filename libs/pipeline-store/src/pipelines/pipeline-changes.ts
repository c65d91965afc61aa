import { type ChannelListener, type Database, listenToChannel } from '@tripline/database';

/**
 * Calls `onChange` with the id of every pipeline that changed, and with null after a (re)connection: changes may have been
 * missed, so the caller reloads every pipeline.
 */
export function listenForPipelineChanges(
  database: Database,
  onChange: (pipelineId: string | null) => void,
): ChannelListener {
  return listenToChannel(database, { name: 'pipeline changes', channel: 'pipelines_changed', onNotify: onChange });
}
