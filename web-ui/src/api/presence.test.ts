import { describe, expect, it } from 'vitest';
import { watchForInput } from './presence';

describe('input on the page', () => {
  it('is told once, and again after the next', () => {
    const page = new EventTarget();
    const wasTouched = watchForInput(page as unknown as Window);
    expect(wasTouched()).toBe(true);
    expect(wasTouched()).toBe(false);
    for (const sign of ['pointerdown', 'pointermove', 'keydown', 'wheel']) {
      page.dispatchEvent(new Event(sign));
      expect(wasTouched()).toBe(true);
      expect(wasTouched()).toBe(false);
    }
  });
});
