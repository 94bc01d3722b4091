/** The period and the deployment of an address. */
import { figuresSearch } from '../quality/figure_reference';

export interface CostsSearch {
  from?: string;
  to?: string;
  deployment?: string;
}

export function costsSearch(search: Record<string, unknown>): CostsSearch {
  const { from, to } = figuresSearch(search);
  const { deployment } = search;
  return {
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
    ...(typeof deployment === 'string' && deployment ? { deployment } : {}),
  };
}
