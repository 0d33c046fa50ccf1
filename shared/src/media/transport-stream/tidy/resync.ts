import { PACKET_BYTES, SYNC_BYTE } from '../packets/packets.ts';

/** From packet to packet: plain ones, those with a time in front (M2TS), and those with a checksum behind. */
const STRIDES = [188, 192, 204] as const;

/** So many packets in a row must begin where they should for the rest to be believed. */
const PACKETS_TO_TELL = 5;
const BYTES_TO_TELL = PACKETS_TO_TELL * 204;

/**
 * Finds the packets in bytes that may have something in front, between or around them. Files follow each other: a
 * packet that begins in one may end in the next.
 */
export class Resync {
  /** Bytes that were no packets, or no whole ones, where files were to be taken as a whole. */
  skippedBytes = 0;
  #rest: Buffer = Buffer.alloc(0);
  #stride = 0;
  /** What the last file ended with: the beginning of a packet. */
  #tail: Buffer = Buffer.alloc(0);
  #isWhole = true;
  #isAtStart = true;
  #skippedBefore = 0;

  /** Whether bytes of the last file, or its end, were no whole packets. */
  get isCut(): boolean {
    return this.#tail.length > 0 || this.skippedBytes > this.#skippedBefore;
  }

  /** @param isWhole whether it begins and ends where its maker let it begin and end */
  beginFile(isWhole: boolean): void {
    if (!isWhole || !this.#isWhole) this.end();
    this.#isWhole = isWhole;
    this.#skippedBefore = this.skippedBytes;
    this.#isAtStart = true;
    this.#stride = 0;
  }

  /** @returns whole packets, one after the other */
  push(bytes: Buffer): Buffer {
    return this.#packets(this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes, false);
  }

  /** @returns the packets that were not sure before */
  endFile(): Buffer {
    const packets = this.#packets(this.#rest, true);
    const isBegun = this.#rest[0] === SYNC_BYTE && this.#stride > 0;
    this.#tail = isBegun ? this.#rest : Buffer.alloc(0);
    if (!isBegun) this.#skip(this.#rest.length);
    this.#rest = Buffer.alloc(0);
    return packets;
  }

  /** Nothing follows. */
  end(): void {
    this.#skip(this.#tail.length);
    this.#tail = Buffer.alloc(0);
  }

  #packets(bytes: Buffer, isLast: boolean): Buffer {
    const found: Buffer[] = [];
    let at = 0;
    for (;;) {
      if (this.#stride === 0) {
        const place = this.#find(bytes, at, isLast);
        if (!place) break;
        this.#skipTo(bytes, at, place, found);
        at = place.at;
        this.#stride = place.stride;
      }
      // Whether the next one is in its place tells whether this one is whole.
      const needed = isLast ? PACKET_BYTES : 2 * this.#stride + 1;
      if (at + needed > bytes.length) break;
      const isHere = bytes[at] === SYNC_BYTE;
      if (isHere && this.#isFollowed(bytes, at)) found.push(bytes.subarray(at, at + PACKET_BYTES));
      else if (this.#isFollowed(bytes, at)) this.#skip(PACKET_BYTES);
      else {
        this.#stride = 0;
        this.#skip(1);
        at++;
        continue;
      }
      at += this.#stride;
    }
    // Of what cannot be told yet, and of what is left of a search, no more is kept than is needed.
    const keep = this.#stride === 0 ? this.#given(bytes, at, isLast) : Math.min(at, bytes.length);
    this.#rest = Buffer.from(bytes.subarray(keep));
    return found.length === 1 ? found[0]! : Buffer.concat(found);
  }

  /** Whether packets go on behind the one at `at`; one of them may be damaged. */
  #isFollowed(bytes: Buffer, at: number): boolean {
    const [next, second] = [at + this.#stride, at + 2 * this.#stride];
    if (next >= bytes.length) return bytes[at] === SYNC_BYTE;
    if (bytes[next] === SYNC_BYTE) return true;
    return bytes[at] === SYNC_BYTE && (second >= bytes.length || bytes[second] === SYNC_BYTE);
  }

  /** Where a row of packets begins; nothing where more bytes are needed to tell, or there is none. */
  #find(bytes: Buffer, from: number, isLast: boolean): { at: number; stride: number } | undefined {
    for (
      let at = bytes.indexOf(SYNC_BYTE, from);
      at !== -1;
      at = bytes.indexOf(SYNC_BYTE, at + 1)
    ) {
      if (!isLast && at + BYTES_TO_TELL > bytes.length) return undefined;
      const stride = STRIDES.find((one) => isRow(bytes, at, one));
      if (stride !== undefined) return { at, stride };
    }
    return undefined;
  }

  /** What is given up of a search: all but what may still begin a row. */
  #given(bytes: Buffer, from: number, isLast: boolean): number {
    const to = isLast ? bytes.length : Math.max(from, bytes.length - BYTES_TO_TELL);
    this.#skip(to - from);
    return to;
  }

  /** Bytes in front of the first packet of a file may be the end of the last packet of the one before. */
  #skipTo(
    bytes: Buffer,
    from: number,
    { at, stride }: { at: number; stride: number },
    found: Buffer[],
  ) {
    const between = at - from;
    const isJoined =
      this.#isAtStart && this.#tail.length > 0 && this.#tail.length + between === stride;
    if (isJoined) {
      found.push(Buffer.concat([this.#tail, bytes.subarray(from, at)]).subarray(0, PACKET_BYTES));
    } else {
      // The time in front of a packet is no packet, and so is the checksum behind the last one.
      const usual = this.#isAtStart ? stride - PACKET_BYTES : 0;
      this.#skip(Math.max(0, between - usual));
      this.#skip(this.#tail.length);
    }
    this.#tail = Buffer.alloc(0);
    this.#isAtStart = false;
  }

  #skip(bytes: number): void {
    if (this.#isWhole) this.skippedBytes += bytes;
  }
}

function isRow(bytes: Buffer, at: number, stride: number): boolean {
  let packets = 0;
  for (let place = at; place < bytes.length && packets < PACKETS_TO_TELL; place += stride) {
    if (bytes[place] !== SYNC_BYTE) return false;
    packets++;
  }
  return at + PACKET_BYTES <= bytes.length;
}
