export { totalCost } from './agent-cost';
export { type AgentResult, STOP_REASONS } from './agent-result';
export { runBias } from './bias';
export { barsToRead, runMarketData } from './market-data';
export { clientOrderIdOf, planOrder } from './order-manager';
export { runRiskManager } from './risk-manager';
export { runStrategy } from './strategy';
