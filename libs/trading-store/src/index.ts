export { type HaltFigures, loadHaltFigures } from './halts/halt-figures';
export type { EngagedHalt, HaltRecord } from './halts/halt-records';
export { createHaltStore, type HaltStore } from './halts/halt-store';
export { createIntentStore, type IntentStore, type OpenIntent } from './orders/intent-store';
export type { FillRecord, OrderRecord, PositionRecord } from './orders/order-records';
export { createOrderRepository, type OrderRepository } from './orders/order-repository';
export { fillRecordOf, orderRecordOf } from './orders/order-rows';
export { createRestingOrderStore, type RestingOrderStore } from './orders/resting-order-store';
