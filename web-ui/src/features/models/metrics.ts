/** The evaluation's numbers, whatever their nesting, as rows that can be read. */
import type { Json } from '../../api/types';

export interface MetricRow {
  path: string[];
  value: string;
}

function written(value: string | number | boolean | null): string {
  if (typeof value !== 'number') return String(value ?? '–');
  if (Number.isInteger(value)) return String(value);
  const magnitude = Math.abs(value);
  return magnitude >= 100 ? value.toFixed(1) : value.toFixed(magnitude >= 1 ? 2 : 4);
}

/** Flattens nested objects; a list of plain values is one row. */
export function metricRows(metrics: Json, path: string[] = []): MetricRow[] {
  if (metrics === null || typeof metrics !== 'object') return [{ path, value: written(metrics) }];
  if (Array.isArray(metrics)) {
    const plain = metrics.filter((item) => item === null || typeof item !== 'object');
    if (plain.length === metrics.length) {
      return [{ path, value: plain.map((item) => written(item as string | number | null)).join(', ') }];
    }
    return metrics.flatMap((item, index) => metricRows(item, [...path, String(index + 1)]));
  }
  return Object.entries(metrics).flatMap(([name, value]) => metricRows(value, [...path, name]));
}

/** Rows by the first step of their path. */
export function metricGroups(metrics: Json): [string, MetricRow[]][] {
  const groups = new Map<string, MetricRow[]>();
  for (const row of metricRows(metrics)) {
    const [first = ''] = row.path;
    groups.set(first, [...(groups.get(first) ?? []), row]);
  }
  return [...groups];
}
