import { describe, expect, it } from 'vitest';
import { learningSearch } from './learning_search';

describe('the address of peer learning', () => {
  it('keeps ids of its own kinds and leaves the rest out', () => {
    const search = {
      discussion: 'discussion_abc234',
      case: 'discussion_abc234',
      shown: 'mine',
      patient: 'Doe^Jane',
    };
    expect(learningSearch(search)).toEqual({ discussion: 'discussion_abc234' });
  });

  it('keeps a case that is to be discussed, and which discussions are listed', () => {
    expect(learningSearch({ case: 'case_abc234', shown: 'closed' })).toEqual({
      case: 'case_abc234',
      shown: 'closed',
    });
    expect(learningSearch({ case: 'case_<script>', discussion: 7 })).toEqual({});
  });
});
