import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  MappingType,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type Dashboard,
  type GridPos,
  type ValueMap,
} from '@grafana/grafana-foundation-sdk/dashboard';

import { GRID_COLUMNS, type DashboardSpec, type PanelSpec } from './panel';

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const UP_DOWN: ValueMap = {
  type: MappingType.ValueToText,
  options: { '0': { text: 'DOWN', color: 'red', index: 0 }, '1': { text: 'UP', color: 'green', index: 1 } },
};

/** The SDK sets no refId, and Grafana drops all but one query of a panel without it. */
function queriesOf(panel: PanelSpec): DataqueryBuilder[] {
  return panel.queries.map((query, index) => {
    const builder = new DataqueryBuilder()
      .refId(String.fromCharCode('A'.charCodeAt(0) + index))
      .datasource(DATASOURCE)
      .expr(query.expr)
      .legendFormat(query.legend);
    return panel.kind === 'timeseries' ? builder.range().exemplar(query.expr.includes('_bucket{')) : builder.instant();
  });
}

/** What every kind of panel has. Returns nothing: the SDK's builders change in place. */
function describe(builder: StatBuilder | TimeseriesBuilder, panel: PanelSpec, id: number, gridPos: GridPos): void {
  builder
    .id(id)
    .title(panel.title)
    .description(panel.description)
    .gridPos(gridPos)
    .datasource(DATASOURCE)
    .unit(panel.unit)
    .targets(queriesOf(panel));
  if (panel.decimals !== undefined) builder.decimals(panel.decimals);
  if (panel.min !== undefined) builder.min(panel.min);
  if (panel.max !== undefined) builder.max(panel.max);
  if (panel.noValue !== undefined) builder.noValue(panel.noValue);
  if (panel.thresholds !== undefined) {
    builder.thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps(panel.thresholds.map((step) => ({ value: step.from, color: step.color }))),
    );
  }
}

function buildStat(panel: PanelSpec): StatBuilder {
  const builder = new StatBuilder()
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false))
    .graphMode(BigValueGraphMode.None)
    .textMode(BigValueTextMode.Value);
  if (panel.kind === 'status') builder.mappings([UP_DOWN]).colorMode(BigValueColorMode.Background);
  return builder;
}

function buildTimeseries(): TimeseriesBuilder {
  return new TimeseriesBuilder()
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .lineWidth(1)
    .fillOpacity(10);
}

/** Places panels left to right and starts a new line where the next one would cross the right edge. */
function layOut(panels: readonly PanelSpec[], top: number): { positions: GridPos[]; bottom: number } {
  let x = 0;
  let y = top;
  let lineHeight = 0;
  const positions = panels.map((panel) => {
    if (x + panel.width > GRID_COLUMNS) {
      x = 0;
      y += lineHeight;
      lineHeight = 0;
    }
    const position = { x, y, w: panel.width, h: panel.height };
    x += panel.width;
    lineHeight = Math.max(lineHeight, panel.height);
    return position;
  });
  return { positions, bottom: y + lineHeight };
}

/** The dashboard as Grafana's provisioning reads it; the same input always gives the same output. */
export function buildDashboard(spec: DashboardSpec): Dashboard {
  const dashboard = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([...spec.tags])
    .timezone('browser')
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .refresh(spec.refresh)
    .time({ from: spec.from, to: 'now' })
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));
  let nextId = 1;
  let y = 0;
  for (const row of spec.rows) {
    dashboard.withRow(
      new RowBuilder(row.title).id(nextId++).collapsed(false).gridPos({ x: 0, y, w: GRID_COLUMNS, h: 1 }),
    );
    const { positions, bottom } = layOut(row.panels, y + 1);
    row.panels.forEach((panel, index) => {
      const builder = panel.kind === 'timeseries' ? buildTimeseries() : buildStat(panel);
      describe(builder, panel, nextId++, positions[index] as GridPos);
      dashboard.withPanel(builder);
    });
    y = bottom;
  }
  return dashboard.build();
}
