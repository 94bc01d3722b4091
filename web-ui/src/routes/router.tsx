/** Addresses of the pages. They carry our ids only, never a patient's. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  Outlet,
} from '@tanstack/react-router';
import { CONCERNS, type Concern } from '../features/coordination/open_cases';
import { type CostsSearch, costsSearch } from '../features/costs/costs_search';
import { type LearningSearch, learningSearch } from '../features/learning/learning_search';
import { ledgerSearch } from '../features/ledger/ledger_search';
import { PEOPLE_TABS, type PeopleTab } from '../features/people/people_tabs';
import {
  type CasesSearch,
  figureOfSearch,
  figuresSearch,
} from '../features/quality/figure_reference';
import { type GateReference, gateOfSearch } from '../features/quality/gate_reference';
import { type RecallsSearch, recallsSearch } from '../features/recalls/recalls_search';
import { type RolloutSearch, rolloutSearch } from '../features/rollout/rollout_search';
import { RULES_TABS, type RulesTab } from '../features/rules/rules_tabs';
import { useViewer } from '../features/session/session';
import { firstPlaceOf, TopBar } from '../features/session/top_bar';
import { STUDIES_TABS, type StudiesTab } from '../features/studies/studies_tabs';
import { NotFound } from './not_found';
import { oneOf } from './search';

const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

/** Pages below the bar. */
const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  component: () => (
    <div className="shell">
      <TopBar />
      <Outlet />
    </div>
  ),
});

const firstPlaceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: () => <Navigate to={firstPlaceOf(useViewer())} replace />,
});
const worklistRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/worklist',
  component: lazyRouteComponent(() => import('../features/worklist/worklist_page'), 'WorklistPage'),
});
/** The reading room has the whole window. */
const readingRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/read/$caseId',
  component: lazyRouteComponent(() => import('../features/reading/reading_page'), 'ReadingPage'),
});
/** Two AI images side by side have the whole window too. */
const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/compare/$pairId',
  component: lazyRouteComponent(() => import('../features/compare/compare_page'), 'ComparePage'),
});
const studiesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/studies',
  validateSearch: (search: Record<string, unknown>): { tab?: StudiesTab } =>
    oneOf('tab', STUDIES_TABS, search),
  component: lazyRouteComponent(() => import('../features/studies/studies_page'), 'StudiesPage'),
});
const coordinationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/coordination',
  validateSearch: (search: Record<string, unknown>): { concern?: Concern } =>
    oneOf('concern', CONCERNS, search),
  component: lazyRouteComponent(
    () => import('../features/coordination/coordination_page'),
    'CoordinationPage',
  ),
});
const accountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/account',
  component: lazyRouteComponent(() => import('../features/session/account_page'), 'AccountPage'),
});
const peopleRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/people',
  validateSearch: (search: Record<string, unknown>): { tab?: PeopleTab } =>
    oneOf('tab', PEOPLE_TABS, search),
  component: lazyRouteComponent(() => import('../features/people/people_page'), 'PeoplePage'),
});
const rulesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/rules',
  validateSearch: (search: Record<string, unknown>): { tab?: RulesTab } =>
    oneOf('tab', RULES_TABS, search),
  component: lazyRouteComponent(() => import('../features/rules/rules_page'), 'RulesPage'),
});
const casesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/cases',
  validateSearch: (search: Record<string, unknown>): CasesSearch & Partial<GateReference> =>
    figureOfSearch(search) ?? gateOfSearch(search) ?? {},
  component: lazyRouteComponent(() => import('../features/quality/cases_page'), 'CasesPage'),
});
const qualityRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/quality',
  validateSearch: figuresSearch,
  component: lazyRouteComponent(() => import('../features/quality/quality_page'), 'QualityPage'),
});
const recallsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/recalls',
  validateSearch: (search: Record<string, unknown>): RecallsSearch => recallsSearch(search),
  component: lazyRouteComponent(() => import('../features/recalls/recalls_page'), 'RecallsPage'),
});
const learningRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/learning',
  validateSearch: (search: Record<string, unknown>): LearningSearch => learningSearch(search),
  component: lazyRouteComponent(() => import('../features/learning/learning_page'), 'LearningPage'),
});
const caseRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/cases/$caseId',
  component: lazyRouteComponent(() => import('../features/quality/case_page'), 'CasePage'),
});
const recordRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/cases/$caseId/record',
  component: lazyRouteComponent(() => import('../features/quality/record_page'), 'RecordPage'),
});
const rolloutRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/rollout',
  validateSearch: (search: Record<string, unknown>): RolloutSearch => rolloutSearch(search),
  component: lazyRouteComponent(() => import('../features/rollout/rollout_page'), 'RolloutPage'),
});
const costsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/rollout/costs',
  validateSearch: (search: Record<string, unknown>): CostsSearch => costsSearch(search),
  component: lazyRouteComponent(() => import('../features/costs/costs_page'), 'CostsPage'),
});
const destinationsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/destinations',
  component: lazyRouteComponent(
    () => import('../features/destinations/destinations_page'),
    'DestinationsPage',
  ),
});
const modelsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/models',
  component: lazyRouteComponent(() => import('../features/models/models_page'), 'ModelsPage'),
});
const ledgerRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/ledger',
  validateSearch: ledgerSearch,
  component: lazyRouteComponent(() => import('../features/ledger/ledger_page'), 'LedgerPage'),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    firstPlaceRoute,
    readingRoute,
    compareRoute,
    shellRoute.addChildren([
      worklistRoute,
      studiesRoute,
      casesRoute,
      caseRoute,
      recordRoute,
      coordinationRoute,
      accountRoute,
      peopleRoute,
      rulesRoute,
      qualityRoute,
      recallsRoute,
      learningRoute,
      rolloutRoute,
      costsRoute,
      destinationsRoute,
      modelsRoute,
      ledgerRoute,
    ]),
  ]),
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
