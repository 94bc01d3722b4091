/** What a signer states, word for word as the server records it; `statements.test.ts` holds the two together. */
import type { Verdict } from '../../api/types';

/** Comes before the statement where a read is confirmed under the study's corrected identity. */
export const CONFIRMING =
  "The images are, value for value and place for place, those that I read before the study's identity was corrected, and I confirm that read for the patient who is named now.";

export const STATEMENTS: Readonly<Record<Verdict, string>> = {
  ACCEPT:
    'I compared the AI images and uncertainty maps of this case with the original images and judge that they may be released.',
  ACCEPT_WITH_LIMITATION:
    'I compared the AI images and uncertainty maps of this case with the original images and judge that they may be released with the limitation that I stated.',
  REJECT:
    'I compared the AI images and uncertainty maps of this case with the original images and judge that they must not be released.',
  CANNOT_JUDGE:
    'I looked at the AI images and uncertainty maps of this case and cannot judge whether they may be released.',
};
