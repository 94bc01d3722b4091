/** What is typed and marked of a pair, with undo and redo, and the kind of error in hand. */
import { useState } from 'react';
import { ERROR_KINDS, type ErrorKind } from '../../api/comparison_documents';
import { afterChange, historyOf, redone, undone } from '../reading/history';
import type { Command } from '../reading/key_map';
import type { Drawn, Tool } from '../reading/tools';
import { marked, type TypedAnswer } from './answer';

export type PairSide = 'a' | 'b';

export function usePairAnswer(first: TypedAnswer, readOnly: boolean) {
  const [history, setHistory] = useState(() => historyOf(first));
  const [marking, setMarking] = useState<ErrorKind | 'choose' | null>(null);
  const change = (of: (typed: TypedAnswer) => TypedAnswer) => {
    if (!readOnly) setHistory((before) => afterChange(before, of(before.present)));
  };
  const place = (side: PairSide, { mark }: Drawn) => {
    setMarking(null);
    if (!mark || !marking || marking === 'choose') return;
    const { centre, diameterMm } = mark;
    const placed = { kind: marking, centreMm: [...centre], diameterMm };
    change((typed) => ({ ...typed, [side]: marked(typed[side], placed) }));
  };
  const run = (command: Command): void => {
    if (command === 'undo') setHistory(undone);
    else if (command === 'redo') setHistory(redone);
    else if (command === 'cancel') setMarking(null);
    else if (command === 'mark') setMarking('choose');
    else if (command.startsWith('mark-')) {
      setMarking(ERROR_KINDS[Number(command.at(-1)) - 1] ?? null);
    }
  };
  const inHand = readOnly || marking === 'choose' ? null : marking;
  const tool: Tool | null = inHand && { kind: 'finding', finding: inHand };
  return { typed: history.present, change, marking, setMarking, tool, place, run };
}

export type PairAnswering = ReturnType<typeof usePairAnswer>;
