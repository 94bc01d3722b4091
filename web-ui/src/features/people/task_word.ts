/** Uses of models, in words. */
import { useTranslation } from 'react-i18next';

export const TASKS = [
  'denoise',
  'super-resolution',
  'translation',
  'synthesis',
  'progression',
] as const;

/** Gives the words of a task; one of a newer server stands as it is. */
export function useTaskWord(): (task: string) => string {
  const { t } = useTranslation();
  return (task) => {
    const known = TASKS.find((one) => one === task);
    return known ? t(`people.task.${known}`) : task;
  };
}
