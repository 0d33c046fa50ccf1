import type { ByteSpan } from '../source/media-index.ts';
import type { RangedObject } from '../source/ranged-object.ts';

/** Large enough for a request to be worth its while, small enough for several to be held in memory. */
const PIECE_BYTES = 4 << 20;
/** As many requests on their way at once as fill a function's share of the network. */
const CONCURRENCY = 4;

/** Reads spans of an object one after the other, and reads on meanwhile. */
export async function* readSpans(
  object: RangedObject,
  spans: Iterable<ByteSpan>,
): AsyncGenerator<Buffer> {
  const pieces = piecesOf(spans);
  const reading: Promise<Buffer>[] = [];
  const readOn = () => {
    const { value: piece } = pieces.next();
    if (!piece) return;
    const bytes = object.read(piece.start, piece.end);
    // Whoever needs it is told; what was read ahead may not be needed.
    bytes.catch(() => {});
    reading.push(bytes);
  };
  for (let n = 0; n < CONCURRENCY; n++) readOn();
  for (let next = reading.shift(); next; next = reading.shift()) {
    const bytes = await next;
    readOn();
    yield bytes;
  }
}

function* piecesOf(spans: Iterable<ByteSpan>): Generator<ByteSpan, undefined> {
  for (const { start, end } of spans) {
    for (let at = start; at < end; at += PIECE_BYTES) {
      yield { start: at, end: Math.min(at + PIECE_BYTES, end) };
    }
  }
}
