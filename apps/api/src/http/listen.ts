import type { Component } from '@tripline/runtime';

import type { ApiApp } from './api-app';

export interface ListenOptions {
  host: string;
  /** 0 for any free port. */
  port: number;
  onListening: (address: string) => void;
}

/** The listening server as a component. stop() accepts no new connections and waits for requests in progress. */
export function createListener(app: ApiApp, options: ListenOptions): Component {
  let stopping: Promise<void> | undefined;
  return {
    name: 'http',
    async start() {
      options.onListening(await app.listen({ host: options.host, port: options.port }));
    },
    stop() {
      stopping ??= Promise.resolve(app.close());
      return stopping;
    },
  };
}
