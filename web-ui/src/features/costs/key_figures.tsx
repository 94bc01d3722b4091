/** The figures that a board asks for first, each with how it is known. */
import { useTranslation } from 'react-i18next';
import type { Account, Known, Span } from '../../api/costs_types';
import { Badge } from '../../components/badge';
import type { IconName } from '../../components/icon';
import { inMoney } from './money';

const KNOWN: Record<Known, [IconName, 'good' | 'plain' | 'wait']> = {
  MEASURED: ['check', 'good'],
  CONTRACT: ['pen', 'plain'],
  ESTIMATED: ['question', 'wait'],
};

export function KnownBadge({ value }: { value: Known }) {
  const { t } = useTranslation();
  const [icon, tone] = KNOWN[value];
  return (
    <Badge icon={icon} tone={tone}>
      {t(`costs.known.${value}`)}
    </Badge>
  );
}

export function between({ low, high }: Span): string {
  return `${inMoney(low)} – ${inMoney(high)}`;
}

export function KeyFigures({ account, currency }: { account: Account; currency: string }) {
  const { t } = useTranslation();
  const hasBenefits = account.benefits.length > 0;
  return (
    <dl className="key-figures">
      <Figure name={t('costs.cost')} value={`${inMoney(account.cost)} ${currency}`}>
        <KnownBadge value={account.known} />
      </Figure>
      <Figure
        name={t('costs.benefit')}
        value={hasBenefits ? `${inMoney(account.benefit.base)} ${currency}` : '–'}
      >
        {hasBenefits ? between(account.benefit) : t('costs.noBenefits')}
      </Figure>
      <Figure
        name={t('costs.result')}
        value={hasBenefits ? `${inMoney(account.result.base)} ${currency}` : '–'}
        bad={hasBenefits && account.result.base < 0}
      >
        {hasBenefits ? between(account.result) : t('costs.noBenefits')}
      </Figure>
      <Shared name={t('costs.perGenerated')} value={account.perGenerated} currency={currency}>
        {t('costs.studies', { count: account.generated })}
      </Shared>
      <Shared name={t('costs.perReleased')} value={account.perReleased} currency={currency}>
        {t('costs.studies', { count: account.released })}
      </Shared>
      <Shared name={t('costs.perUsed')} value={account.perUsed} currency={currency}>
        {account.used === null
          ? t('costs.usedUnknown')
          : t('costs.studies', { count: Number(account.used.toFixed(2)) })}
      </Shared>
    </dl>
  );
}

interface FigureProps {
  name: string;
  value: string;
  bad?: boolean;
  children: React.ReactNode;
}

function Figure({ name, value, bad = false, children }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={bad ? 'figure bad' : 'figure'}>{value}</dd>
      <dd className="small muted">{children}</dd>
    </div>
  );
}

interface SharedProps {
  name: string;
  value: number | null;
  currency: string;
  children: React.ReactNode;
}

function Shared({ name, value, currency, children }: SharedProps) {
  return (
    <Figure name={name} value={value === null ? '–' : `${inMoney(value)} ${currency}`}>
      {children}
    </Figure>
  );
}
