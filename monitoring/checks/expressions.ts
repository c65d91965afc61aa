import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { expandVariables } from '../grafana/dashboards';

export const DASHBOARD_FOLDER = join(__dirname, '../grafana/dashboards');
export const RULE_FOLDER = join(__dirname, '../prometheus/rules');

/** A PromQL expression and where it stands. */
export interface Expression {
  readonly source: string;
  readonly expr: string;
}

export interface Rule extends Expression {
  /** Name of the recorded series; undefined for an alert. */
  readonly record?: string;
  readonly alert?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface PanelJson {
  readonly title?: string;
  readonly targets?: readonly { readonly expr?: string }[];
  readonly panels?: readonly PanelJson[];
}
interface RuleFileJson {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly record?: string;
      readonly alert?: string;
      readonly expr: string | number;
      readonly labels?: Record<string, string>;
      readonly annotations?: Record<string, string>;
    }[];
  }[];
}

/** Queries of the committed dashboards, as Grafana would send them. */
export function loadPanelExpressions(): Expression[] {
  return readdirSync(DASHBOARD_FOLDER)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const dashboard = JSON.parse(readFileSync(join(DASHBOARD_FOLDER, name), 'utf8')) as PanelJson;
      return expressionsOf(dashboard, name);
    });
}

function expressionsOf(panel: PanelJson, source: string): Expression[] {
  const own = (panel.targets ?? []).flatMap(({ expr }) =>
    expr === undefined ? [] : [{ source: `${source}: ${panel.title}`, expr: expandVariables(expr, '1m', '1h') }],
  );
  return [...own, ...(panel.panels ?? []).flatMap((child) => expressionsOf(child, source))];
}

/** Every alerting and recording rule of `prometheus/rules`. */
export function loadRules(): Rule[] {
  return readdirSync(RULE_FOLDER)
    .filter((name) => name.endsWith('.yml'))
    .flatMap((name) => {
      const file = parse(readFileSync(join(RULE_FOLDER, name), 'utf8')) as RuleFileJson;
      return file.groups.flatMap(({ rules }) =>
        rules.map((rule) => ({
          source: `${name}: ${rule.record ?? rule.alert}`,
          expr: String(rule.expr),
          record: rule.record,
          alert: rule.alert,
          labels: rule.labels ?? {},
          annotations: rule.annotations ?? {},
        })),
      );
    });
}
