import { type DecimalString, Money, Price, Quantity } from '@tripline/trading';
import type { AgentSettings } from '@tripline/triggers';
import { costOf } from './agent-cost';
import type { AgentResult, RiskManagerOutput, StopReason, StrategyOutput } from './agent-result';
import { lotStepOf, roundDownToLot } from './lot';

/**
 * Share of cash a purchase may not use, percent. The order fills at the next open, which may be above the last close.
 */
const CASH_RESERVE_PERCENT = 1;

export interface RiskManagerInput {
  readonly settings: AgentSettings;
  readonly ticker: string;
  readonly plan: StrategyOutput;
  readonly account: { readonly cash: DecimalString; readonly equity: DecimalString };
  /** Signed quantity held of the ticker; `0` when flat. */
  readonly heldQuantity: DecimalString;
}

type Sizing = Pick<RiskManagerOutput, 'quantity' | 'action' | 'limitedBy'> & { readonly newExposure: Quantity };
type Refusal = { readonly reason: StopReason; readonly message: string };

/**
 * Sizes the order. New exposure = (risk % of equity) / (stop distance). It is capped so that the whole position stays
 * within its maximum share of equity and a purchase stays within the cash, then rounded down to the lot. An existing
 * position in the same direction counts towards the maximum. One in the opposite direction is closed first, then the
 * new exposure opens (a flip). With short selling off, a SHORT plan only closes a long position.
 */
export function runRiskManager(input: RiskManagerInput): AgentResult<RiskManagerOutput> {
  const agent = 'risk_manager';
  const cost = costOf(agent, 0);
  const sized = sizeOrder(input);
  if ('reason' in sized) return { agent, cost, status: 'stop', ...sized, output: null };

  const { plan, account, heldQuantity } = input;
  const { newExposure, ...sizing } = sized;
  const quantity = Quantity.of(sizing.quantity);
  const signed = plan.side === 'LONG' ? quantity : quantity.negated();
  const output: RiskManagerOutput = {
    ...sizing,
    side: plan.side === 'LONG' ? 'BUY' : 'SELL',
    positionAfter: Quantity.of(heldQuantity).plus(signed).toString(),
    equity: account.equity,
    riskAmount: Price.of(plan.stopDistance).times(newExposure).toString(2),
    notional: Price.of(plan.entryPrice).times(quantity).toString(2),
  };
  return { agent, cost, status: 'continue', output };
}

function sizeOrder(input: RiskManagerInput): Sizing | Refusal {
  const { settings, ticker, plan, account } = input;
  const { riskManager } = settings;
  const signedHeld = Quantity.of(input.heldQuantity);
  /** Held quantity relative to the plan: positive in its direction, negative against it. */
  const held = plan.side === 'LONG' ? signedHeld : signedHeld.negated();
  const opposite = held.isNegative() ? held.abs() : Quantity.ZERO;
  const same = Quantity.max(held, Quantity.ZERO);

  if (plan.side === 'SHORT' && !riskManager.allowShort) {
    if (!opposite.isZero()) return closeOnly(opposite);
    return {
      reason: 'short_not_allowed',
      message: `short selling is off and there is no long position in ${ticker} to close`,
    };
  }
  const equity = Money.of(account.equity);
  if (!equity.isPositive()) {
    if (!opposite.isZero()) return closeOnly(opposite);
    return { reason: 'no_equity', message: `the account's equity is ${account.equity}` };
  }

  const step = lotStepOf(ticker);
  const entry = Price.of(plan.entryPrice);
  const byRisk = equity.times(riskManager.riskPerTradePercent).dividedBy(100).at(Price.of(plan.stopDistance));
  const room = equity.times(riskManager.maxPositionPercent).dividedBy(100).at(entry).minus(same);
  if (roundDownToLot(room, step).isZero() && !same.isZero()) {
    const message = `the position of ${input.heldQuantity} ${ticker} is already at the maximum of ${riskManager.maxPositionPercent} % of equity`;
    return { reason: 'position_limit', message };
  }
  const affordable = plan.side === 'LONG' ? affordableQuantity(account.cash, entry).minus(opposite) : null;
  const size = roundDownToLot(
    affordable === null ? Quantity.min(byRisk, room) : Quantity.min(byRisk, room, affordable),
    step,
  );
  if (size.isZero()) {
    if (!opposite.isZero()) return closeOnly(opposite);
    const message = `the limits leave less than one lot of ${step.toString()} ${ticker} at ${plan.entryPrice}`;
    return { reason: 'size_too_small', message };
  }
  return {
    quantity: opposite.plus(size).toString(),
    action: !opposite.isZero() ? 'flip' : same.isZero() ? 'open' : 'increase',
    limitedBy: limitOf({ byRisk, room, affordable }),
    newExposure: size,
  };
}

function closeOnly(quantity: Quantity): Sizing {
  return {
    quantity: quantity.toString(),
    action: 'close',
    limitedBy: 'closing_only',
    newExposure: Quantity.ZERO,
  };
}

function affordableQuantity(cash: DecimalString, price: Price): Quantity {
  return Money.of(cash)
    .times(100 - CASH_RESERVE_PERCENT)
    .dividedBy(100)
    .at(price);
}

function limitOf(limits: { byRisk: Quantity; room: Quantity; affordable: Quantity | null }): Sizing['limitedBy'] {
  const { byRisk, room, affordable } = limits;
  if (affordable !== null && affordable.lt(byRisk) && affordable.lt(room)) return 'cash';
  return room.lt(byRisk) ? 'max_position' : 'risk';
}
