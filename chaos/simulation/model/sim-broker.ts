import type { OrderIntent } from '@tripline/trading';

import { type Broker, type BrokerAnswer, BrokerUnavailableError } from '../../../apps/worker/src/orders/broker';
import { type BrokerEntry, orderParams } from '@tripline/audit';
import type { Server } from '../kernel/server';
import type { SimProcess } from '../kernel/sim-process';
import type { World } from '../kernel/world';

const ANSWERS_WITHIN_MS = 3_000;

/** An external broker that never deduplicates: it accepts every order that arrives in time and records every request. */
export class SimBroker {
  readonly server: Server;
  /** B of the audit snapshot. */
  readonly journal: BrokerEntry[] = [];
  readonly #world: World;
  readonly #orders = new Map<string, BrokerAnswer>();

  constructor(world: World, server: Server) {
    this.#world = world;
    this.server = server;
  }

  portOf(process: SimProcess): Broker {
    return {
      answersWithinMs: ANSWERS_WITHIN_MS,
      submit: (intent, { validUntil }) =>
        this.#answered(process, 'broker submit', () => {
          if (this.#world.now > validUntil) throw new BrokerUnavailableError('the order arrived too late');
          return this.#take(intent);
        }),
      find: (clientOrderId) => this.#answered(process, 'broker find', () => this.#orders.get(clientOrderId) ?? null),
    };
  }

  #take(intent: OrderIntent): BrokerAnswer {
    const { clientOrderId, executionId } = intent;
    const entry = { clientOrderId, executionId, params: orderParams(intent), at: this.#world.now };
    const answer = this.#decide(intent);
    this.journal.push({ ...entry, accepted: answer.status !== 'rejected' });
    this.#orders.set(clientOrderId, answer);
    return answer;
  }

  #decide({ referencePrice, occurredAt }: OrderIntent): BrokerAnswer {
    const { random } = this.#world;
    if (random.chance(0.1)) return { status: 'rejected', reason: 'not today' };
    if (random.chance(0.1)) return { status: 'accepted' };
    return { status: 'filled', price: referencePrice, fee: '0.01', filledAt: occurredAt };
  }

  async #answered<T>(process: SimProcess, label: string, effect: () => T): Promise<T> {
    try {
      return await this.server.call(process, label, effect);
    } catch (error) {
      throw new BrokerUnavailableError('no answer', { cause: error });
    }
  }
}
