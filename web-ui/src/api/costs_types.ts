/** What the pages about cost and return ask for. */
import type { Stage } from './types';

export type Known = 'MEASURED' | 'CONTRACT' | 'ESTIMATED';
export type CostKind = 'COMPUTE' | 'STORAGE' | 'LICENCE' | 'READING' | 'PEOPLE' | 'INTEGRATION';
export type BenefitPer = 'RELEASED_STUDY' | 'MONTH';
export type BudgetStanding = 'OPEN' | 'THROTTLED' | 'PAUSED';

export interface Entered {
  amount: number;
  known: Known;
}

export interface DevicePrice {
  device: string;
  hour: Entered;
}

export interface Prices {
  currency: string;
  devices: DevicePrice[];
  otherDeviceHour: Entered;
  storageGbMonth: Entered;
  storageMonths: number;
  readerHour: Entered;
}

export interface Benefit {
  name: string;
  per: BenefitPer;
  low: number;
  base: number;
  high: number;
  known: Known;
}

export interface Budget {
  month: number;
  throttleFrom: number;
  throttlePerMille: number;
  firstStudies: number;
}

export interface Plan {
  licenceMonth: Entered;
  licenceStudy: Entered;
  peopleMonth: Entered;
  integration: Entered;
  integrationMonths: number;
  usedShare: number | null;
  benefits: Benefit[];
  budget: Budget | null;
}

export interface Version {
  version: number;
  changedBy: string | null;
  changedAt: string | null;
  reason: string;
  difference: string[];
}
export interface PricesVersion extends Version {
  prices: Prices;
}
export interface PlanVersion extends Version {
  plan: Plan;
}

export interface CostLine {
  kind: CostKind;
  name: string;
  quantity: number;
  unit: string;
  quantityKnown: Known;
  price: number;
  priceKnown: Known;
  amount: number;
  known: Known;
}

export interface Span {
  low: number;
  base: number;
  high: number;
}

export interface BenefitLine {
  name: string;
  quantity: number;
  unit: string;
  amount: Span;
  known: Known;
}

export interface Sensitivity {
  name: string;
  atLow: number;
  atHigh: number;
}

export interface Account {
  requested: number;
  generated: number;
  failed: number;
  read: number;
  released: number;
  used: number | null;
  readerMinutes: number;
  lines: CostLine[];
  cost: number;
  known: Known;
  perGenerated: number | null;
  perReleased: number | null;
  perUsed: number | null;
  benefits: BenefitLine[];
  benefit: Span;
  result: Span;
  /** Hours of the period in which the deployment was there; of a sum, of the one that was there least. */
  coveredHours: number;
  /** Null where the period is too short to tell a month from; then nothing is told of a month. */
  releasedAMonth: number | null;
  breakEven: number | null;
  paybackMonths: number | null;
  sensitivity: Sensitivity[];
}

export interface BudgetState {
  budget: Budget;
  since: string;
  committed: number;
  estimate: number;
  estimateFrom: number;
  standing: BudgetStanding;
  note: string;
}

export interface BudgetRefusal {
  seriesId: string;
  refusedAt: string;
  standing: BudgetStanding;
  reason: string;
  estimate: number;
}

export interface DeploymentEconomics {
  deploymentId: string;
  name: string;
  stage: Stage;
  account: Account;
  plan: PlanVersion;
  formerPlans: PlanVersion[];
  budget: BudgetState | null;
  refusals: BudgetRefusal[];
  refused: number;
}

export interface Economics {
  from: string;
  to: string;
  prices: PricesVersion;
  formerPrices: PricesVersion[];
  deployments: DeploymentEconomics[];
  total: Account;
  meanings: { name: string; text: string }[];
}
