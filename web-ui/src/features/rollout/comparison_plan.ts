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
}

export const FIRST_PLAN: TypedPlan = {
  margin: '0',
  alpha: '0.025',
  looks: '20, 40, 60',
  readers: '1',
  draw: '1000',
  neither: '25',
};

/** The plan and the expected share without a preference; null while a number is missing. */
export function planOf(typed: TypedPlan): { plan: ComparisonPlan; noPreference: number } | null {
  const looks = typedList(typed.looks).map(typedNumber);
  const margin = typedNumber(typed.margin);
  const alpha = typedNumber(typed.alpha);
  const readers = typedNumber(typed.readers);
  const drawPerMille = typedNumber(typed.draw);
  const neither = typedNumber(typed.neither);
  const whole = (value: number | null): value is number =>
    value !== null && Number.isInteger(value) && value >= 0;
  if (looks.length === 0 || !looks.every(whole)) return null;
  if (!whole(readers) || !whole(drawPerMille)) return null;
  if (margin === null || alpha === null || neither === null) return null;
  return {
    plan: { margin: margin / 100, alpha, looks, readers, drawPerMille },
    noPreference: neither / 100,
  };
}
