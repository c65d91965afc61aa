import type { PipelineInput } from '@tripline/contracts';
import type { AgentSettings, Pipeline, Schedule, SignalRule, SignalSubscription } from '@tripline/triggers';
import type { PipelineDefinition, PipelineRecord, PipelineVersionRecord } from '@tripline/pipeline-store';
import type { z } from 'zod';

import type { pipelineSchema, pipelineVersionSchema } from './pipeline-schemas';

/** Converts a request body to the domain's pipeline definition. */
export function toPipelineDefinition(input: PipelineInput): PipelineDefinition {
  return {
    name: input.name,
    triggerMode: input.trigger_mode,
    isActive: input.is_active,
    scannerId: input.scanner_id,
    tickers: [...new Set(input.tickers)],
    subscriptions: input.signal_subscriptions.map(toSubscription),
    rule: toRule(input.signal_rule),
    overlap: {
      policy: input.overlap_policy,
      key: input.overlap_key,
      limit: input.overlap_limit,
      ttlMs: input.overlap_ttl_seconds * 1000,
    },
    cooldownMs: input.cooldown_seconds * 1000,
    maxSignalAgeMs: input.max_signal_age_seconds * 1000,
    signalAgeFrom: input.signal_age_from,
    market: input.market_hours,
    minQuality: input.min_quality,
    venue: input.venue,
    schedule: toSchedule(input.schedule),
    agents: toAgentSettings(input.agents),
    mode: input.mode,
  };
}

function toSubscription(subscription: PipelineInput['signal_subscriptions'][number]): SignalSubscription {
  return {
    ...(subscription.signal_type ? { signalType: subscription.signal_type } : {}),
    minConfidence: subscription.min_confidence,
    ...(subscription.direction ? { direction: subscription.direction } : {}),
    ...(subscription.source ? { source: subscription.source } : {}),
  };
}

function toRule(rule: PipelineInput['signal_rule']): SignalRule | null {
  return (
    rule && {
      kind: rule.kind,
      conditions: rule.conditions.map(toSubscription),
      count: rule.count ?? (rule.kind === 'any' ? 1 : rule.conditions.length),
      withinMs: rule.within_seconds * 1000,
      noneOf: rule.none_of.map(toSubscription),
    }
  );
}

function toSchedule(schedule: PipelineInput['schedule']): Schedule | null {
  return (
    schedule && {
      cron: schedule.cron,
      at: schedule.at,
      calendar: schedule.calendar,
      timeZone: schedule.time_zone,
      catchUp: schedule.catch_up,
    }
  );
}

function toAgentSettings(agents: PipelineInput['agents']): AgentSettings {
  return {
    marketData: { lookbackBars: agents.market_data.lookback_bars },
    bias: { fastPeriod: agents.bias.fast_period, slowPeriod: agents.bias.slow_period },
    strategy: {
      atrPeriod: agents.strategy.atr_period,
      stopAtrMultiple: agents.strategy.stop_atr_multiple,
      targetRiskMultiple: agents.strategy.target_risk_multiple,
    },
    riskManager: {
      riskPerTradePercent: agents.risk_manager.risk_per_trade_percent,
      maxPositionPercent: agents.risk_manager.max_position_percent,
      allowShort: agents.risk_manager.allow_short,
    },
  };
}

function subscriptionResource(subscription: SignalSubscription): PipelineInput['signal_subscriptions'][number] {
  return {
    ...(subscription.signalType ? { signal_type: subscription.signalType } : {}),
    min_confidence: subscription.minConfidence,
    ...(subscription.direction ? { direction: subscription.direction } : {}),
    ...(subscription.source ? { source: subscription.source } : {}),
  };
}

function ruleResource(rule: SignalRule | null): PipelineInput['signal_rule'] {
  return (
    rule && {
      kind: rule.kind,
      conditions: rule.conditions.map(subscriptionResource),
      count: rule.count,
      within_seconds: rule.withinMs / 1000,
      none_of: rule.noneOf.map(subscriptionResource),
    }
  );
}

function scheduleResource(schedule: Schedule | null): PipelineInput['schedule'] {
  return (
    schedule && {
      cron: schedule.cron,
      at: schedule.at,
      calendar: schedule.calendar,
      time_zone: schedule.timeZone,
      catch_up: schedule.catchUp,
    }
  );
}

/** The wire form of a definition: the fields that a user sends, with the scanner's tickers. */
export function definitionResource(pipeline: Pipeline): PipelineInput {
  const { agents } = pipeline;
  return {
    name: pipeline.name,
    trigger_mode: pipeline.triggerMode,
    is_active: pipeline.isActive,
    scanner_id: pipeline.scannerId,
    tickers: [...pipeline.tickers],
    signal_subscriptions: pipeline.subscriptions.map(subscriptionResource),
    signal_rule: ruleResource(pipeline.rule),
    overlap_policy: pipeline.overlap.policy,
    overlap_key: pipeline.overlap.key,
    overlap_limit: pipeline.overlap.limit,
    overlap_ttl_seconds: pipeline.overlap.ttlMs / 1000,
    cooldown_seconds: pipeline.cooldownMs / 1000,
    max_signal_age_seconds: pipeline.maxSignalAgeMs / 1000,
    signal_age_from: pipeline.signalAgeFrom,
    market_hours: pipeline.market && { ...pipeline.market },
    min_quality: pipeline.minQuality,
    venue: pipeline.venue,
    schedule: scheduleResource(pipeline.schedule),
    agents: {
      market_data: { lookback_bars: agents.marketData.lookbackBars },
      bias: { fast_period: agents.bias.fastPeriod, slow_period: agents.bias.slowPeriod },
      strategy: {
        atr_period: agents.strategy.atrPeriod,
        stop_atr_multiple: agents.strategy.stopAtrMultiple,
        target_risk_multiple: agents.strategy.targetRiskMultiple,
      },
      risk_manager: {
        risk_per_trade_percent: agents.riskManager.riskPerTradePercent,
        max_position_percent: agents.riskManager.maxPositionPercent,
        allow_short: agents.riskManager.allowShort,
      },
    },
    mode: pipeline.mode,
  };
}

/** The input that would create this pipeline. Omits tickers that come from a scanner. */
export function pipelineInputOf(pipeline: Pipeline): PipelineInput {
  const input = definitionResource(pipeline);
  return pipeline.scannerId === null ? input : { ...input, tickers: [] };
}

export function pipelineResource(record: PipelineRecord): z.output<typeof pipelineSchema> {
  return {
    id: record.pipeline.id,
    version: record.pipeline.version,
    ...definitionResource(record.pipeline),
    created_at: new Date(record.createdAt).toISOString(),
    updated_at: new Date(record.updatedAt).toISOString(),
    next_run_at: record.nextRunAt === null ? null : new Date(record.nextRunAt).toISOString(),
    last_triggered_at: record.lastTriggeredAt === null ? null : new Date(record.lastTriggeredAt).toISOString(),
  };
}

export function pipelineVersionResource(record: PipelineVersionRecord): z.output<typeof pipelineVersionSchema> {
  return {
    version: record.version,
    ...definitionResource(record.pipeline),
    created_at: new Date(record.createdAt).toISOString(),
    created_by: record.createdBy,
  };
}
