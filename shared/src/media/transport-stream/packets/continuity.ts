import type { PacketHeader } from './packets.ts';

/**
 * How a packet follows the one before it: as it should, the same once more, or after others that are lost. Behind
 * tables, that is in doubt: another chunk may begin.
 */
export type Step = 'next' | 'same' | 'gap' | 'doubt';

/**
 * Follows the counter of a stream's packets. Every chunk may count from where it likes; within one, a jump
 * means that something is lost.
 */
export class Continuity {
  #last?: number;
  #mayJump = false;
  #isAfterTables = false;

  /** A chunk begins here, or another one in the same file: what begins next may count anew. */
  allowJump(): void {
    this.#mayJump = true;
  }

  /** The tables were repeated: they may, but need not, be those of another chunk. */
  sawTables(): void {
    this.#isAfterTables = true;
  }

  /** What comes next has nothing to do with what came before. */
  restart(): void {
    this.#last = undefined;
  }

  /** The stream goes on behind what has the same number as the packet before it. */
  step({ continuity, isStart, isDiscontinuity }: PacketHeader): Step {
    const isNext = this.#last === undefined || continuity === ((this.#last + 1) & 0x0f);
    const mayJump = isDiscontinuity || (isStart && this.#mayJump);
    const isSame = !mayJump && continuity === this.#last;
    if (isSame) return 'same';
    const isInDoubt = isStart && this.#isAfterTables;
    this.#last = continuity;
    this.#mayJump = false;
    this.#isAfterTables = false;
    if (isNext || mayJump) return 'next';
    return isInDoubt ? 'doubt' : 'gap';
  }
}
