/** The page that checks proofs without a server: it is built into a single file and asks nobody for anything. */
import { verify as english } from '../i18n/en/verify';
import { verify as japanese } from '../i18n/ja/verify';
import { type Outcome, type ProvenEntry, type Shown, verifyProof } from './proof';

const CATALOGUES = { en: english, ja: japanese } as const;
type Language = keyof typeof CATALOGUES;
/** An outcome is told by its sign and its word, not by its colour alone. */
const SIGNS = { verified: '✓', inconsistent: '✕', cannotTell: '?' } as const;

interface Proof {
  name: string;
  text: string;
}
const chosen = { proofs: [] as Proof[], key: '' };
let language: Language = navigator.language.startsWith('ja') ? 'ja' : 'en';
/** Grows with each change, so that a slow answer to an older one is not shown. */
let turn = 0;

function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  values: Partial<HTMLElementTagNameMap[Name]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const element = Object.assign(document.createElement(name), values);
  element.append(...children);
  return element;
}

const filled = (text: string, values: Record<string, string>): string =>
  text.replace(/{{(\w+)}}/g, (_, name: string) => values[name] ?? '');

function fieldsOf(shown: Shown): HTMLElement[] {
  const words = CATALOGUES[language];
  if (shown.proof === 'consistency') {
    const { former, latter } = shown;
    const values = { former: String(former.size), latter: String(latter.size) };
    return [make('p', {}, filled(words.shown.consistency, values))];
  }
  const { index, entry, checkpoint } = shown;
  const values = {
    index: String(index),
    size: String(checkpoint.size),
    origin: checkpoint.origin,
  };
  const facts = [
    [words.entry.kind, entry.kind],
    [words.entry.actor, entry.actor],
    [words.entry.subject, entry.subject],
    [words.entry.occurred, entry.occurredAt],
    [words.entry.recorded, entry.recordedAt],
  ] as const;
  return [
    make('p', {}, filled(words.shown.inclusion, values)),
    make(
      'dl',
      {},
      ...facts.flatMap(([word, fact]) => [make('dt', {}, word), make('dd', {}, fact)]),
    ),
    ...personalOf(entry),
    make('details', {}, make('summary', {}, words.entry.whole), make('pre', {}, entry.text)),
  ];
}

/** What is personal in the entry, or that it was erased, or kept back. */
function personalOf({ personal, text }: ProvenEntry): HTMLElement[] {
  const words = CATALOGUES[language];
  if (!text.includes('"personal":{')) return [];
  if (personal.length === 0) return [make('p', { className: 'muted' }, words.personal.keptBack)];
  return personal.map(({ name, salt, text: told }) =>
    make(
      'p',
      { className: 'muted' },
      filled(salt === null ? words.personal.erased : words.personal.shown, { name, told }),
    ),
  );
}

function outcomeView(name: string, outcome: Outcome): HTMLElement {
  const words = CATALOGUES[language];
  const kind = outcome.outcome;
  return make(
    'article',
    { className: `outcome ${kind}` },
    make('h2', {}, `${SIGNS[kind]} ${words.outcome[kind]}`),
    make('p', { className: 'muted' }, name),
    make('p', {}, words.outcomeMeaning[kind]),
    ...(outcome.outcome === 'verified'
      ? fieldsOf(outcome.shown)
      : [make('p', {}, words.why[outcome.why])]),
  );
}

async function check(place: HTMLElement): Promise<void> {
  turn += 1;
  const mine = turn;
  if (chosen.proofs.length === 0 || !chosen.key.trim()) {
    place.replaceChildren(make('p', { className: 'muted' }, CATALOGUES[language].waiting));
    return;
  }
  const outcomes = await Promise.all(
    chosen.proofs.map(async ({ name, text }) => ({
      name,
      outcome: await verifyProof(text, chosen.key),
    })),
  );
  if (mine !== turn) return;
  place.replaceChildren(...outcomes.map(({ name, outcome }) => outcomeView(name, outcome)));
}

function show(): void {
  const words = CATALOGUES[language];
  document.documentElement.lang = language;
  document.title = `${words.title} · Countersign`;
  const results = make('section', { id: 'results' });
  results.setAttribute('aria-live', 'polite');
  const again = () => void check(results);
  const proofs = make('input', { type: 'file', multiple: true });
  proofs.addEventListener('change', async () => {
    const files = [...(proofs.files ?? [])];
    chosen.proofs = await Promise.all(
      files.map(async (file) => ({ name: file.name, text: await file.text() })),
    );
    again();
  });
  const key = make('input', {
    type: 'text',
    value: chosen.key,
    placeholder: words.keyHint,
    spellcheck: false,
  });
  key.addEventListener('input', () => {
    chosen.key = key.value;
    again();
  });
  const keyFile = make('input', { type: 'file' });
  keyFile.addEventListener('change', async () => {
    const file = keyFile.files?.[0];
    if (!file) return;
    chosen.key = (await file.text()).trim();
    key.value = chosen.key;
    again();
  });
  const other: Language = language === 'en' ? 'ja' : 'en';
  const turnLanguage = make(
    'button',
    { type: 'button', lang: other },
    other === 'ja' ? '日本語' : 'English',
  );
  turnLanguage.addEventListener('click', () => {
    language = other;
    show();
  });
  document
    .querySelector('#page')
    ?.replaceChildren(
      make('header', {}, make('h1', {}, words.title), turnLanguage),
      make('p', { className: 'muted' }, words.purpose),
      make('label', {}, words.key, key),
      make('label', {}, words.keyFile, keyFile),
      make('p', { className: 'muted' }, words.keySource),
      make('label', {}, words.proofs, proofs),
      results,
    );
  again();
}

show();
