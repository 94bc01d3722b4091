/** Sites beside the deployments that name them. Pure. */
import type { Scanner, Site } from '../../api/site_documents';

interface Named {
  name: string;
  site: string;
}

/** What is registered, with the names of its deployments; what deployments name and isn't; what was removed and isn't named. */
export function bySite(sites: readonly Site[], deployments: readonly Named[]) {
  const namesOf = (name: string) =>
    deployments.filter(({ site }) => site === name).map((deployment) => deployment.name);
  const registered = sites.filter(({ isRegistered }) => isRegistered);
  const isRegistered = (name: string) => registered.some((site) => site.name === name);
  const named = [...new Set(deployments.map(({ site }) => site))].sort();
  return {
    registered: registered.map((site) => ({ site, names: namesOf(site.name) })),
    unregistered: named
      .filter((name) => !isRegistered(name))
      .map((name) => ({ name, names: namesOf(name) })),
    removed: sites.filter((site) => !site.isRegistered && !named.includes(site.name)),
  };
}

/** What was typed, without the blanks around it. */
export function typedScanners(scanners: readonly Scanner[]): Scanner[] {
  return scanners.map(({ sender, name, makerWords }) => ({
    sender: sender.trim(),
    name: name.trim(),
    makerWords,
  }));
}

/** Whether there is something that the server can look at. */
export function isComplete(name: string, scanners: readonly Scanner[]): boolean {
  const isNamed = ({ sender, name }: Scanner) => sender !== '' && name !== '';
  return name !== '' && scanners.length > 0 && scanners.every(isNamed);
}
