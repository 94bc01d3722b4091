/** Takes a sentence of the ledger apart into words and ids; pure. */

export type SentencePart = { kind: 'words'; text: string } | { kind: 'id'; id: string };

/** Ids are a word, `_` and 128 bits in base32. */
const ID = /\b([a-z]+_[a-z2-7]{26})\b/;

export function partsOf(sentence: string): SentencePart[] {
  return sentence
    .split(ID)
    .map(
      (text, index): SentencePart =>
        index % 2 === 1 ? { kind: 'id', id: text } : { kind: 'words', text },
    )
    .filter((part) => part.kind === 'id' || part.text !== '');
}
