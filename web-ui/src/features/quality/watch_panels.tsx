/** What is unusual first, then charts, drift and what the maps were worth; each part loads and fails by itself. */
import { useQuery } from '@tanstack/react-query';
import { ask } from '../../api/client';
import { qualityWatchQuery } from '../../api/quality_watch';
import { Fault, Loading } from '../../components/note';
import { ChartPanel } from './chart_panel';
import { DriftPanel, FlaggedPanel } from './drift_panel';
import { type Days, momentsOf } from './figure_reference';
import { UnusualPanel } from './unusual_panel';
import './watch.css';

function useWatch(days: Days) {
  return useQuery({
    queryKey: ['quality-watch', days.from, days.to],
    queryFn: () => ask(qualityWatchQuery, momentsOf(days)),
    enabled: days.from <= days.to,
  });
}

export function Unusual({ days }: { days: Days }) {
  const watch = useWatch(days);
  if (watch.isError) {
    return <Fault error={watch.error} onRetry={() => void watch.refetch()} />;
  }
  const found = watch.data?.qualityWatch;
  return found ? <UnusualPanel notices={found.unusual} /> : <Loading rows={3} />;
}

export function WatchPanels({ days }: { days: Days }) {
  const found = useWatch(days).data?.qualityWatch;
  if (!found) return null;
  return (
    <>
      <ChartPanel watch={found} />
      <FlaggedPanel watch={found} />
      <DriftPanel watch={found} />
    </>
  );
}
