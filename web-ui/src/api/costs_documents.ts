/** Every question of the pages about cost and return. */
import { document } from './client';
import type { Economics, Plan, PlanVersion, Prices, PricesVersion } from './costs_types';
import type { Refused } from './documents';

const REFUSAL = 'refusal { code message remedy }';
const ENTERED = '{ amount known }';
const CHANGE = 'version changedBy changedAt reason difference';
const PRICES = `${CHANGE} prices { currency devices { device hour ${ENTERED} }
  otherDeviceHour ${ENTERED} storageGbMonth ${ENTERED} storageMonths readerHour ${ENTERED} }`;
const BUDGET = '{ month throttleFrom throttlePerMille firstStudies }';
const PLAN = `${CHANGE} plan { licenceMonth ${ENTERED} licenceStudy ${ENTERED} peopleMonth ${ENTERED}
  integration ${ENTERED} integrationMonths usedShare
  benefits { name per low base high known } budget ${BUDGET} }`;
const SPAN = '{ low base high }';
const ACCOUNT = `requested generated failed read released used readerMinutes
  lines { kind name quantity unit quantityKnown price priceKnown amount known }
  cost known perGenerated perReleased perUsed
  benefits { name quantity unit amount ${SPAN} known } benefit ${SPAN} result ${SPAN}
  coveredHours releasedAMonth breakEven paybackMonths sensitivity { name atLow atHigh }`;

export const economicsQuery = document<{ economics: Economics }, { from: string; to: string }>(
  `query Economics($from: DateTime!, $to: DateTime!) { economics(from: $from, to: $to) {
    from to prices { ${PRICES} } formerPrices { ${PRICES} }
    deployments { deploymentId name stage account { ${ACCOUNT} } plan { ${PLAN} }
      formerPlans { ${PLAN} }
      budget { budget ${BUDGET} since committed estimate estimateFrom standing note }
      refusals { seriesId refusedAt standing reason estimate } refused }
    total { ${ACCOUNT} } meanings { name text } } }`,
);

export const changePricesMutation = document<
  { changePrices: Refused<'version', PricesVersion> },
  { input: { prices: Prices; reason: string; follows: number } }
>(
  `mutation ChangePrices($input: ChangePricesInput!) {
    changePrices(input: $input) { version { ${PRICES} } ${REFUSAL} } }`,
);

export const changePlanMutation = document<
  { changePlan: Refused<'version', PlanVersion> },
  { input: { deploymentId: string; plan: Plan; reason: string; follows: number } }
>(
  `mutation ChangePlan($input: ChangePlanInput!) {
    changePlan(input: $input) { version { ${PLAN} } ${REFUSAL} } }`,
);
