import { PACKET_BYTES, type PacketHeader, readPacketHeader } from '../packets/packets.ts';
import { SOUND_PID, tablePackets, VIDEO_PID } from '../packets/tables.ts';
import type { Selection } from './select-streams.ts';
import type { Since } from './survey.ts';

type Kind = 'video' | 'audio';

const PIDS = { video: VIDEO_PID, audio: SOUND_PID } as const;

/** Behind a place where packets are missing, the counter leaves out one number. */
const GAP = 2;

/** Writes what was selected: two streams whose numbers never change, behind tables of our own. */
export class Router {
  readonly #selections: readonly Since<Selection>[];
  readonly #counters = { video: new OutputCounter(), audio: new OutputCounter() };
  #packets = 0;
  #place = -1;
  #tables = 0;
  #listCounter?: number;

  constructor(selections: readonly Since<Selection>[]) {
    this.#selections = selections;
  }

  /** Whether packets are missing between those that were written. */
  get hasGaps(): boolean {
    return Object.values(this.#counters).some((counter) => counter.hasGaps);
  }

  /**
   * @param jump where counters may begin anew; absent: nowhere
   * @returns the tables that a file begins with
   */
  beginFile(jump?: Jump): Buffer {
    this.#listCounter = undefined;
    if (jump) this.#allowJump(jump);
    const told = this.#selections.map((one) => one.told);
    const video = told.find((one) => one.video)?.video?.streamType;
    const sound = told.find((one) => one.audio)?.audio?.format;
    return tablePackets({ video, sound }, this.#tables++);
  }

  /** @returns a view of the block with what of it was selected, which is written over it */
  packets(block: Buffer): Buffer {
    let to = 0;
    for (let at = 0; at < block.length; at += PACKET_BYTES) {
      const packet = this.#packets++;
      const header = readPacketHeader(block, at);
      if (header.pid === 0) this.#seeList(header);
      const kind = this.#kindOf(header.pid, packet);
      if (!kind || header.isUnreadable) continue;
      const bytes = block.subarray(at, at + PACKET_BYTES);
      const counter = this.#counters[kind].next(header, bytes, header.payloadAt - at);
      if (counter === undefined) continue;
      bytes[1] = (bytes[1]! & 0xe0) | (PIDS[kind] >> 8);
      bytes[2] = PIDS[kind] & 0xff;
      bytes[3] = (bytes[3]! & 0xf0) | counter;
      block.copyWithin(to, at, at + PACKET_BYTES);
      to += PACKET_BYTES;
    }
    return block.subarray(0, to);
  }

  /** Where the tables count anew, another chunk begins in the same file. */
  #seeList({ continuity }: PacketHeader): void {
    const isNext = continuity === (((this.#listCounter ?? continuity - 1) + 1) & 0x0f);
    this.#listCounter = continuity;
    if (!isNext) this.#allowJump('at start');
  }

  #allowJump(when: Jump): void {
    for (const counter of Object.values(this.#counters)) counter.allowJump(when);
  }

  /** Tables may come before the change they tell of, or after it. */
  #kindOf(pid: number, packet: number): Kind | undefined {
    const all = this.#selections;
    while (this.#place + 1 < all.length && all[this.#place + 1]!.packet <= packet) this.#place++;
    const isListed = all[this.#place]?.told.pids.includes(pid);
    const places = isListed ? [this.#place] : [this.#place + 1, this.#place - 1];
    for (const n of places) {
      const told = all[n]?.told;
      if (told?.video?.pid === pid) return 'video';
      if (told?.audio?.pid === pid) return 'audio';
    }
    return undefined;
  }
}

/** Where a counter may begin anew: at the next packet, or where the next packet begins something. */
export type Jump = 'always' | 'at start';

/** Counts the packets of one stream anew, so that only what is missing is seen in the numbers. */
class OutputCounter {
  readonly #last = new Map<number, { continuity: number; payload: Buffer }>();
  #mayJump?: Jump = 'always';
  #counter = 15;
  hasGaps = false;

  /** A chunk may count from where it likes. */
  allowJump(when: Jump): void {
    if (this.#mayJump !== 'always') this.#mayJump = when;
  }

  /** @returns nothing for a packet that came before */
  next(header: PacketHeader, packet: Buffer, payloadAt: number): number | undefined {
    const { pid, continuity, isDiscontinuity, isStart } = header;
    const payload = packet.subarray(payloadAt);
    // The counter stands still where there is no payload.
    if (payload.length === 0) return this.#counter;
    const last = this.#last.get(pid);
    const isSame = last?.continuity === continuity && last.payload.equals(payload);
    if (isSame && !isDiscontinuity) return undefined;
    const isNext = !last || continuity === ((last.continuity + 1) & 0x0f);
    const mayJump = this.#mayJump === 'always' || (isStart && this.#mayJump === 'at start');
    const isExpected = isNext || isDiscontinuity || mayJump;
    if (!isExpected) this.hasGaps = true;
    this.#counter = (this.#counter + (isExpected ? 1 : GAP)) & 0x0f;
    this.#last.set(pid, { continuity, payload: Buffer.from(payload) });
    this.#mayJump = undefined;
    return this.#counter;
  }
}
