import type { PipelineInput } from '@tripline/contracts';
import type { AgentSettings, Pipeline } from '@tripline/domain';
import type { PipelineDefinition, PipelineRecord, PipelineVersionRecord } from '@tripline/persistence';
import type { z } from 'zod';

import type { pipelineSchema, pipelineVersionSchema } from './pipeline-schemas';

/** What a user sent, as the domain has it. */
export function toPipelineDefinition(input: PipelineInput): PipelineDefinition {
  return {
    name: input.name,
    triggerMode: input.trigger_mode,
    isActive: input.is_active,
    scannerId: input.scanner_id,
    tickers: [...new Set(input.tickers)],
    subscriptions: input.signal_subscriptions.map((subscription) => ({
      signalType: subscription.signal_type,
      minConfidence: subscription.min_confidence,
      ...(subscription.direction ? { direction: subscription.direction } : {}),
    })),
    overlapPolicy: input.overlap_policy,
    cooldownMs: input.cooldown_seconds * 1000,
    maxSignalAgeMs: input.max_signal_age_seconds * 1000,
    schedule: input.schedule ? { cron: input.schedule.cron, timeZone: input.schedule.time_zone } : null,
    agents: toAgentSettings(input.agents),
    mode: input.mode,
  };
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

/** The wire form of what a pipeline does; the same fields that a user sends, with the tickers of its scanner. */
export function definitionResource(pipeline: Pipeline): PipelineInput {
  const { agents } = pipeline;
  return {
    name: pipeline.name,
    trigger_mode: pipeline.triggerMode,
    is_active: pipeline.isActive,
    scanner_id: pipeline.scannerId,
    tickers: [...pipeline.tickers],
    signal_subscriptions: pipeline.subscriptions.map((subscription) => ({
      signal_type: subscription.signalType,
      min_confidence: subscription.minConfidence,
      ...(subscription.direction ? { direction: subscription.direction } : {}),
    })),
    overlap_policy: pipeline.overlapPolicy,
    cooldown_seconds: pipeline.cooldownMs / 1000,
    max_signal_age_seconds: pipeline.maxSignalAgeMs / 1000,
    schedule: pipeline.schedule ? { cron: pipeline.schedule.cron, time_zone: pipeline.schedule.timeZone } : null,
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

/** The input that would make this pipeline: a scanner's tickers are the scanner's, not the pipeline's own. */
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
