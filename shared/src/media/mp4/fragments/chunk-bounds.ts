import { NotCopyableError } from '../../not-copyable.ts';
import type { Box } from '../boxes.ts';

/** One file holds no more: 4 hours at 60 Hz. Whoever claims more wants our memory. */
const MAX_SAMPLES = 1 << 20;

/** [start, end) of a file. */
type Span = { start: number; end: number };

/** What is known of a file that samples are said to lie in, to hold their description against. */
export class ChunkBounds {
  /** Ascending. */
  readonly #media: readonly Box[];
  readonly #mediaStarts: ReadonlySet<number>;
  readonly #fileBytes: number;
  #bytesLeft: number;
  #samplesLeft = MAX_SAMPLES;

  /** @param fileBytes absent: unknown */
  constructor(media: readonly Box[] = [], fileBytes = Number.POSITIVE_INFINITY) {
    this.#media = media;
    this.#mediaStarts = new Set(media.flatMap((box) => [box.start, box.bodyAt]));
    this.#fileBytes = fileBytes;
    this.#bytesLeft = fileBytes;
  }

  /** Whether a box of media, or what is in it, begins there. */
  isMediaStart(position: number): boolean {
    return this.#mediaStarts.has(position);
  }

  /**
   * Takes note of a sample.
   * @param what it holds, to be named
   * @throws NotCopyableError when it is not whole, or there is no room for it beside all others
   */
  take({ start, end }: Span, what: string): void {
    if (end > this.#fileBytes) throw new NotCopyableError(`a chunk ends within a ${what}`);
    // Samples of no bytes do not come for nothing either.
    this.#bytesLeft -= Math.max(1, end - start);
    if (this.#bytesLeft < 0 || --this.#samplesLeft < 0) {
      throw new NotCopyableError('the fragments describe more than their file holds');
    }
  }

  /** @throws NotCopyableError when the sample lies elsewhere than in media behind its fragment */
  assertInMedia(sample: Span, fragmentStart: number): void {
    const box = this.#lastMediaAt(sample.start);
    if (!box || box.start < fragmentStart || sample.end > box.end) {
      throw new NotCopyableError('media does not lie behind its description');
    }
  }

  /** The last box whose content begins at a place of the file, or before it. */
  #lastMediaAt(position: number): Box | undefined {
    let low = 0;
    let high = this.#media.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#media[middle]!.bodyAt <= position) low = middle + 1;
      else high = middle;
    }
    return this.#media[low - 1];
  }
}
