/** The door to the server: one POST of JSON to `/graphql`, with the session cookie. */

import { watchForInput } from './presence';

/** A fault (not a refusal by the domain, which travels inside the answer). */
export class ApiError extends Error {
  /** A code that finds the log line. */
  readonly code: string;
  /** Whether the login session is over: signing in again helps. */
  readonly isSignedOut: boolean;
  /** What helps, where the domain refused the question. */
  readonly remedy: string | null;

  constructor(code: string, message: string, isSignedOut = false, remedy: string | null = null) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.isSignedOut = isSignedOut;
    this.remedy = remedy;
  }
}

/** A question with the types of what goes in and what comes out. */
export interface Document<Data, Variables> {
  readonly text: string;
  readonly shape?: (variables: Variables) => Data;
}

/** Joins a GraphQL text to its types. */
export function document<Data, Variables = Record<string, never>>(
  text: string,
): Document<Data, Variables> {
  return { text };
}

interface Answer<Data> {
  data?: Data | null;
  errors?: {
    message: string;
    extensions?: { code?: string; requestId?: string; remedy?: string };
  }[];
}

type SignedOutListener = () => void;
const signedOutListeners = new Set<SignedOutListener>();

/** Calls `listener` whenever the server says that the login session is over. Returns the way to stop. */
export function onSignedOut(listener: SignedOutListener): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

/** Tells the page that the login session is over. */
export function tellSignedOut(): void {
  for (const listener of signedOutListeners) listener();
}

const signedInListeners = new Set<() => void>();

/** Calls `listener` whenever the person has signed in again on this page. Returns the way to stop. */
export function onSignedInAgain(listener: () => void): () => void {
  signedInListeners.add(listener);
  return () => signedInListeners.delete(listener);
}

/** Tells the page that the person has signed in again: what was refused meanwhile may be asked for once more. */
export function tellSignedInAgain(): void {
  for (const listener of [...signedInListeners]) listener();
}

/** Resolves when the person has signed in again. Rejects when what waited is given up. */
export function signedInAgain(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = () => {
      stop();
      signal.removeEventListener('abort', give);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const stop = onSignedInAgain(give);
    signal.addEventListener('abort', give);
    if (signal.aborted) give();
  });
}

/** Whether the server refused because the login session is over. */
export const isSignedOut = (error: unknown): boolean =>
  error instanceof ApiError && error.isSignedOut;

/**
 * Asks the server.
 *
 * @throws ApiError when the server can't be reached or answers with a fault.
 */
export function ask<Data, Variables>(
  question: Document<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  return post(question, variables, {});
}

/**
 * Asks by the page itself, on a clock: the server counts it as no activity of the person.
 *
 * @throws ApiError as `ask`.
 */
export function askInBackground<Data, Variables>(
  question: Document<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  return post(question, variables, { 'countersign-background': '1' });
}

let wasTouched: (() => boolean) | null = null;

/**
 * Asks on a clock for a page that stands open: counts as activity of the person only where they did something since.
 *
 * @throws ApiError as `ask`.
 */
export function askOnClock<Data, Variables>(
  question: Document<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  wasTouched ??= watchForInput(window);
  return wasTouched() ? ask(question, variables) : askInBackground(question, variables);
}

async function post<Data, Variables>(
  question: Document<Data, Variables>,
  variables: Variables,
  headers: Record<string, string>,
): Promise<Data> {
  let response: Response;
  try {
    response = await fetch('/graphql', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body: JSON.stringify({ query: question.text, variables }),
    });
  } catch {
    throw new ApiError('unreachable', 'the server does not answer');
  }
  if (response.status === 401) {
    tellSignedOut();
    throw new ApiError('unauthenticated', 'the login session is over', true);
  }
  const answer = await readAnswer<Data>(response);
  const fault = answer.errors?.[0];
  if (fault) {
    const code = fault.extensions?.code ?? 'fault';
    const isOver = code.toLowerCase() === 'unauthenticated';
    if (isOver) tellSignedOut();
    const { requestId, remedy } = fault.extensions ?? {};
    throw new ApiError(requestId ?? code, fault.message, isOver, remedy ?? null);
  }
  if (!answer.data) throw new ApiError('empty', 'the answer holds no data');
  if (isRefusedAsSignedOut(answer.data)) {
    tellSignedOut();
    throw new ApiError('unauthenticated', 'the login session is over', true);
  }
  return answer.data;
}

/** Whether a mutation was refused because nobody is signed in: that is no word about what was asked for. */
export function isRefusedAsSignedOut(data: object): boolean {
  return Object.values(data).some(
    (payload: { refusal?: { code: string } | null } | null) =>
      payload?.refusal?.code === 'unauthenticated',
  );
}

async function readAnswer<Data>(response: Response): Promise<Answer<Data>> {
  try {
    return (await response.json()) as Answer<Data>;
  } catch {
    throw new ApiError(`http-${response.status}`, `the server answered ${response.status}`);
  }
}
