/** What is typed of a comparison's plan. */
import type { ComparisonPlan } from '../../api/comparison_documents';
import { typedList, typedNumber } from './numbers';

export interface TypedPlan {
  /** Percentage points. */
  margin: string;
  alpha: string;
  looks: string;
  readers: string;
  draw: string;
  /** Per cent. */
  neither: string;
  /** Power in per cent below which it ends; 0 for never. */
  futility: string;
  /** Per cent. */
  hoped: string;
}

export const FIRST_PLAN: TypedPlan = {
  margin: '0',
  alpha: '0.025',
  looks: '20, 40, 60',
  readers: '1',
  draw: '1000',
  neither: '25',
  futility: '0',
  hoped: '65',
};

/** The plan and the expected share without a preference; null while a number is missing. */
export function planOf(typed: TypedPlan): { plan: ComparisonPlan; noPreference: number } | null {
  const looks = typedList(typed.looks).map(typedNumber);
  const margin = typedNumber(typed.margin);
  const alpha = typedNumber(typed.alpha);
  const readers = typedNumber(typed.readers);
  const drawPerMille = typedNumber(typed.draw);
  const neither = typedNumber(typed.neither);
  const limit = typedNumber(typed.futility);
  const hoped = typedNumber(typed.hoped);
  const whole = (value: number | null): value is number =>
    value !== null && Number.isInteger(value) && value >= 0;
  if (looks.length === 0 || !looks.every(whole)) return null;
  if (!whole(readers) || !whole(drawPerMille)) return null;
  if (margin === null || alpha === null || neither === null) return null;
  if (limit === null || hoped === null) return null;
  const futility = limit === 0 ? null : { alternative: hoped / 100, limit: limit / 100 };
  return {
    plan: { margin: margin / 100, alpha, looks, readers, drawPerMille, futility },
    noPreference: neither / 100,
  };
}
