import { SLICE_HEAD_BYTES } from './h264/frame-structure.ts';

/** What tells the kind of a slice, and of which picture it is, in H.264 as in HEVC. */
const HEAD_BYTES = SLICE_HEAD_BYTES;
/** Far more than any parameter set has. What is longer is cut off. */
const MAX_KEPT_BYTES = 64 * 1024;

/** What to do with the NAL units that are found. */
export interface NalListener {
  /** Whether all of a NAL unit is needed, not only its first bytes. @param header its first byte */
  isKept(header: number): boolean;
  /** @param unit without its start code; only its first bytes where no more are needed; a view */
  found(unit: Buffer): void;
}

/**
 * Finds the NAL units of a byte stream that comes in pieces, as packets carry it. The pieces are looked at
 * where they lie: only what is needed of a unit is copied.
 */
export class NalScanner {
  /** Whether anything but zeros came before the first start code. */
  hasLooseBytes = false;
  readonly #listener: NalListener;
  readonly #unit = Buffer.allocUnsafe(MAX_KEPT_BYTES);
  #unitBytes = 0;
  /** How much of the unit is needed. */
  #limit = 0;
  #isInUnit = false;
  /** How many zeros the last piece ended with; more than 2 count as 2. */
  #zeros = 0;

  constructor(listener: NalListener) {
    this.#listener = listener;
  }

  /** Whether there was a start code. */
  get hasUnit(): boolean {
    return this.#isInUnit;
  }

  /** Takes the next piece: the bytes [from, to) of the buffer. */
  piece(buffer: Buffer, from: number, to: number): void {
    let taken = from;
    let at = this.#startFromLastPiece(buffer, from, to);
    if (at > from) {
      this.#begin();
      taken = at;
    }
    // Of three bytes in a row one is looked at: the 1 of a start code, or a zero before it.
    for (at = from + 2; at < to; ) {
      const byte = buffer[at]!;
      if (byte > 1) {
        at += 3;
      } else if (byte === 0) {
        at++;
      } else {
        if (buffer[at - 1] === 0 && buffer[at - 2] === 0) {
          this.#take(buffer, taken, at - 2);
          this.#begin();
          taken = at + 1;
        }
        at += 3;
      }
    }
    this.#take(buffer, taken, to);
    this.#countZeros(buffer, from, to);
  }

  /** The byte stream ends. Another one may begin. */
  end(): void {
    this.#finish();
    this.#isInUnit = false;
    this.hasLooseBytes = false;
    this.#zeros = 0;
  }

  /** @returns where the unit begins whose start code began in the last piece; `from` when none does */
  #startFromLastPiece(buffer: Buffer, from: number, to: number): number {
    if (this.#zeros >= 2 && buffer[from] === 1) return from + 1;
    const isNext = from + 1 < to && buffer[from] === 0 && buffer[from + 1] === 1;
    return this.#zeros >= 1 && isNext ? from + 2 : from;
  }

  #countZeros(buffer: Buffer, from: number, to: number): void {
    let zeros = 0;
    while (zeros < 2 && to - zeros > from && buffer[to - zeros - 1] === 0) zeros++;
    this.#zeros = to - from === zeros ? Math.min(2, this.#zeros + zeros) : zeros;
  }

  #begin(): void {
    this.#finish();
    this.#isInUnit = true;
    this.#unitBytes = 0;
    this.#limit = HEAD_BYTES;
  }

  #take(buffer: Buffer, from: number, to: number): void {
    if (!this.#isInUnit) {
      for (let at = from; at < to && !this.hasLooseBytes; at++)
        this.hasLooseBytes = buffer[at] !== 0;
      return;
    }
    if (this.#unitBytes >= this.#limit || from >= to) return;
    if (this.#unitBytes === 0 && this.#listener.isKept(buffer[from]!)) this.#limit = MAX_KEPT_BYTES;
    const end = Math.min(to, from + this.#limit - this.#unitBytes);
    this.#unitBytes += buffer.copy(this.#unit, this.#unitBytes, from, end);
    // Of a slice, all that is needed is known before the rest has come.
    if (this.#limit === HEAD_BYTES && this.#unitBytes === HEAD_BYTES) this.#tell();
  }

  #finish(): void {
    const isTold = this.#limit === HEAD_BYTES && this.#unitBytes === HEAD_BYTES;
    if (!this.#isInUnit || isTold) return;
    while (this.#unitBytes > 0 && this.#unit[this.#unitBytes - 1] === 0) this.#unitBytes--;
    if (this.#unitBytes > 0) this.#tell();
  }

  #tell(): void {
    this.#listener.found(this.#unit.subarray(0, this.#unitBytes));
  }
}
