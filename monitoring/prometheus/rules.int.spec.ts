import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadPanelExpressions, RULE_FOLDER } from '../checks/expressions';
import { checkAsRules, checkRuleFiles, hasPromtool, runPromtool, testRuleFiles } from '../checks/promtool';
import { LOCAL_TARGETS, renderPrometheusConfig } from './render';

(hasPromtool() ? describe : describe.skip)('promtool', () => {
  it('takes every rule file', () => {
    expect(checkRuleFiles()).toMatchObject({ ok: true });
  });

  it('sees every alert fire and stay quiet as its tests say', () => {
    expect(testRuleFiles()).toMatchObject({ ok: true });
  });

  it('takes every panel query', () => {
    expect(checkAsRules(loadPanelExpressions())).toMatchObject({ ok: true });
  });

  it('refuses a query whose types do not fit, which the grammar alone takes', () => {
    expect(checkAsRules([{ source: 'test', expr: 'rate(up)' }])).toMatchObject({ ok: false });
  });

  it('takes the configuration for containers and the rendered one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tripline-prometheus-'));
    const file = join(folder, 'prometheus.yml');
    writeFileSync(
      file,
      renderPrometheusConfig({ targets: LOCAL_TARGETS, scrapeIntervalSeconds: 1, rulesDir: RULE_FOLDER }),
    );
    try {
      expect(runPromtool('check', 'config', file)).toMatchObject({ ok: true });
      expect(runPromtool('check', 'config', join(__dirname, 'prometheus.yml'))).toMatchObject({ ok: true });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
