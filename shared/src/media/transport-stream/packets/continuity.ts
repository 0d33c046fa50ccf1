import { NotCopyableError } from '../../not-copyable.ts';
import type { PacketHeader } from './packets.ts';

/**
 * Follows the counter of a stream's packets. Every chunk may count from where it likes; within one, a jump
 * means that something is lost.
 */
export class Continuity {
  #last?: number;
  #isAfterTables = false;

  /** The tables were repeated, as at the start of a chunk: what begins next may count anew. */
  allowJump(): void {
    this.#isAfterTables = true;
  }

  /** What comes next has nothing to do with what came before. */
  restart(): void {
    this.#last = undefined;
  }

  /** @throws NotCopyableError when there was another packet before this one */
  check({ continuity, isStart, isDiscontinuity }: PacketHeader): void {
    const isNext = this.#last === undefined || continuity === ((this.#last + 1) & 0x0f);
    const mayJump = isDiscontinuity || (isStart && this.#isAfterTables);
    if (!isNext && !mayJump) throw new NotCopyableError('packets are missing');
    this.#last = continuity;
    this.#isAfterTables = false;
  }
}
