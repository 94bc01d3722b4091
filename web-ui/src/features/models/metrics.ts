/** The evaluation's numbers, whatever their nesting, as sections of tables that can be read. */
import type { Json } from '../../api/types';

type Plain = string | number | boolean | null;

/** Things side by side: rows are measures, columns what was measured (or the other way round). */
export interface MetricTable {
  columns: string[];
  rows: { name: string | null; cells: Plain[] }[];
}

export interface MetricSection {
  title: string;
  /** 0 for the outermost. */
  depth: number;
  facts: { name: string; value: Plain }[];
  tables: MetricTable[];
}

type Group = { [key: string]: Json };

/** What tells one entry of a list from another. */
const NAMING_KEYS = ['kind', 'name', 'subject', 'fraction'];

const isGroup = (value: Json | undefined): value is Group =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isPlain = (value: Json): value is Plain => typeof value !== 'object' || value === null;
const isFlat = (value: Json): value is { [key: string]: Plain } =>
  isGroup(value) && Object.values(value).every(isPlain);
const isPlainList = (value: Json): value is Plain[] => Array.isArray(value) && value.every(isPlain);

/** A number as it is printed: enough digits to compare, not more. */
export function printed(value: Plain): string {
  if (typeof value !== 'number') return value === null ? '–' : String(value);
  if (Number.isInteger(value)) return String(value).replace('-', '−');
  return value.toFixed(Math.abs(value) >= 1 ? 2 : 4).replace('-', '−');
}

export const worded = (name: string): string => name.replaceAll('_', ' ');

function titleOf(item: Group, index: number): string {
  const named = NAMING_KEYS.flatMap((key) => {
    const value = item[key];
    if (value === undefined || !isPlain(value)) return [];
    return typeof value === 'number' ? [`${key} ${printed(value)}`] : [printed(value)];
  });
  return named.join(' · ') || String(index + 1);
}

/** Groups that share measures, side by side. */
function sideBySide(groups: [string, { [key: string]: Plain }][]): MetricTable {
  const measures = [...new Set(groups.flatMap(([, group]) => Object.keys(group)))];
  return {
    columns: groups.map(([name]) => worded(name)),
    rows: measures.map((measure) => ({
      name: worded(measure),
      cells: groups.map(([, group]) => group[measure] ?? null),
    })),
  };
}

/** A list of alike entries, one a row. */
function asRows(list: { [key: string]: Plain }[]): MetricTable {
  const keys = [...new Set(list.flatMap((entry) => Object.keys(entry)))];
  return {
    columns: keys.map(worded),
    rows: list.map((entry) => ({ name: null, cells: keys.map((key) => entry[key] ?? null) })),
  };
}

/** Lays out a group: its own facts and tables first, then the sections of what lies deeper. */
export function metricSections(metrics: Json, title = '', depth = 0): MetricSection[] {
  if (!isGroup(metrics)) return [];
  const section: MetricSection = { title, depth, facts: [], tables: [] };
  const alike: [string, { [key: string]: Plain }][] = [];
  const deeper: MetricSection[] = [];
  for (const [name, value] of Object.entries(metrics)) {
    if (isPlain(value)) section.facts.push({ name: worded(name), value });
    else if (isPlainList(value)) {
      section.facts.push({ name: worded(name), value: value.map(printed).join(', ') });
    } else if (isFlat(value)) alike.push([name, value]);
    else if (Array.isArray(value)) {
      if (value.every(isFlat)) section.tables.push(asRows(value));
      else {
        value.forEach((item, index) => {
          if (isGroup(item)) deeper.push(...metricSections(item, titleOf(item, index), depth + 1));
        });
      }
    } else deeper.push(...metricSections(value, worded(name), depth + 1));
  }
  const shares = ([name, group]: [string, { [key: string]: Plain }]) =>
    alike.some(([other, its]) => other !== name && Object.keys(its).some((key) => key in group));
  const compared = alike.filter(shares);
  if (compared.length > 0) section.tables.unshift(sideBySide(compared));
  for (const group of alike.filter((entry) => !shares(entry))) {
    section.tables.push(sideBySide([group]));
  }
  return [section, ...deeper];
}
