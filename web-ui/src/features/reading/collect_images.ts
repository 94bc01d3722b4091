/** Makes stacks of what arrives, the image that is waited for before the rest. */
import { decodeSlice, readSlice } from '../../viewer/cornerstone';
import type { MapFrame } from '../../viewer/float_map';
import type { LoadedObject, ObjectRole, WantedObject } from '../../viewer/load_objects';
import { type Slice, type Stack, stackOf, stackOfMap } from '../../viewer/stack';
import { nextFrame } from '../../viewer/turns';

export interface Stacks {
  /** The middle slice of each image, alone, until the whole of it is there: something to look at. */
  preview: { original: Stack | null; ai: Stack | null };
  original: Stack | null;
  ai: Stack | null;
  uncertainty: Stack | null;
  lower: Stack | null;
  upper: Stack | null;
}

export const NO_STACKS: Stacks = {
  preview: { original: null, ai: null },
  original: null,
  ai: null,
  uncertainty: null,
  lower: null,
  upper: null,
};

const NAMES = {
  SOURCE: 'original',
  IMAGE: 'ai',
  UNCERTAINTY: 'uncertainty',
  LOWER: 'lower',
  UPPER: 'upper',
} as const;

const isImage = (role: ObjectRole): role is 'SOURCE' | 'IMAGE' =>
  role === 'SOURCE' || role === 'IMAGE';

/** Collects the objects of one case. */
export class Collector {
  readonly #totals = new Map<ObjectRole, number>();
  /** The first that is wanted of each image. */
  readonly #middles = new Map<ObjectRole, string>();
  readonly #publish: (stacks: Partial<Stacks>) => void;
  readonly #slices = { SOURCE: [] as Slice[], IMAGE: [] as Slice[] };
  readonly #decoding: Promise<void>[] = [];
  #maps: { name: 'uncertainty' | 'lower' | 'upper'; frames: MapFrame[] }[] = [];
  #waiting: LoadedObject[] = [];
  #preview: Stacks['preview'] = NO_STACKS.preview;
  #original: Stack | null = null;
  #turns: Promise<void> | null = null;
  #isStopped = false;

  constructor(wanted: readonly WantedObject[], publish: (stacks: Partial<Stacks>) => void) {
    for (const { role, sopInstanceUid } of wanted) {
      this.#totals.set(role, (this.#totals.get(role) ?? 0) + 1);
      if (!this.#middles.has(role)) this.#middles.set(role, sopInstanceUid);
    }
    this.#publish = publish;
  }

  /** Takes an object that has arrived. */
  take(object: LoadedObject): void {
    if (this.#isStopped) return;
    this.#waiting.push(object);
    this.#turns ??= this.#takeTurns();
    // Told by `done`; whoever leaves the case before that wants to hear nothing.
    this.#turns.catch(() => undefined);
  }

  /** Resolves when everything that was taken is decoded; rejects when something can't be. */
  async done(): Promise<void> {
    await this.#turns;
    await Promise.all(this.#decoding);
  }

  /** Whoever leaves the case needs no more of it. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting = [];
  }

  async #takeTurns(): Promise<void> {
    // Begins behind the caller, who first has to know that turns are being taken.
    await Promise.resolve();
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const before = this.#preview;
      this.#decode(next);
      // What more there is of the room is built behind the image that is waited for.
      if (this.#preview !== before) await nextFrame();
    }
    this.#turns = null;
  }

  #decode(object: LoadedObject): void {
    const { role, content } = object;
    if (!isImage(role)) {
      if (content.kind !== 'map') throw new Error('a map was asked for and none came');
      this.#maps.push({ name: NAMES[role], frames: content.frames });
      this.#stackMaps();
      return;
    }
    const slice = readSlice(object);
    if (slice) this.#add(role, slice);
    else {
      const decoded = decodeSlice(object).then((found) => {
        if (!this.#isStopped) this.#add(role, found);
      });
      decoded.catch(() => undefined);
      this.#decoding.push(decoded);
    }
  }

  #add(role: 'SOURCE' | 'IMAGE', slice: Slice): void {
    const gathered = this.#slices[role];
    gathered.push(slice);
    const name = NAMES[role];
    if (slice.header?.sopInstanceUid === this.#middles.get(role)) {
      this.#preview = { ...this.#preview, [name]: stackOf([slice]) };
      this.#publish({ preview: this.#preview });
      this.#stackMaps();
    }
    if (gathered.length < (this.#totals.get(role) ?? 0)) return;
    if (role === 'SOURCE') {
      this.#original = stackOf(gathered);
      this.#publish({ original: this.#original });
      this.#stackMaps();
    } else this.#publish({ ai: stackOf(gathered, this.#original?.normal) });
  }

  /** Maps are stacked along the original, and so wait for a slice of it. */
  #stackMaps(): void {
    const along = (this.#original ?? this.#preview.original)?.normal;
    if (!along) return;
    const maps = this.#maps;
    this.#maps = [];
    for (const { name, frames } of maps) this.#publish({ [name]: stackOfMap(frames, along) });
  }
}
