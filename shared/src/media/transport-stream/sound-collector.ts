import { NotCopyableError, UntidyStreamError } from '../not-copyable.ts';
import { formatReader } from '../packed-audio/frame-format.ts';
import type { SoundPacket } from '../source/media-index.ts';
import type { ContinuousClock } from './clock.ts';
import { Continuity } from './packets/continuity.ts';
import { PACKET_BYTES, type PacketHeader } from './packets/packets.ts';
import { type PesHeader, readPesHeader } from './packets/pes.ts';

/** How much of a file is taken: all of it, or only the sound that lies whole in it. */
export type Take = 'all' | 'sound';

/** A packet of sound of which more may come. */
interface OpenPacket {
  packet: SoundPacket;
  /** Of the PES packets that were begun: how much payload came, and how much is announced. */
  payloadBytes: number;
  announcedBytes?: number;
}

/** A packet of which something is missing. */
export interface SoundDamage {
  /** Place of the packet among all. */
  index: number;
  /** Where what is there begins again, in the file: behind each place where something is missing. */
  breaks: number[];
}

/** Collects the packets of a stream of sound: one PES packet each, with those after it that have no time. */
export class SoundCollector {
  readonly packets: SoundPacket[] = [];
  readonly continuity = new Continuity();
  /** In order. */
  readonly damage: SoundDamage[] = [];
  /** Places among all of the packets before which others may be missing. */
  readonly afterLoss = new Set<number>();
  /** What is unusual about the packing. It is not thrown at once: what is lost is counted to the end. */
  packingProblem?: string;
  /** How much payload the last packet has, and the one before it. */
  lastBytes = 0;
  bytesBeforeLast = 0;
  readonly #clock: ContinuousClock;
  readonly #formatAt = formatReader();
  #file = 0;
  #take: Take = 'all';
  #open?: OpenPacket;
  /** Something is lost, and nothing has begun since. */
  #isLost = false;

  constructor(
    readonly pid: number,
    readonly streamType: number,
    clock: ContinuousClock,
  ) {
    this.#clock = clock;
  }

  beginFile(file: number, take: Take): void {
    this.#file = file;
    this.#take = take;
    this.#isLost = false;
    if (take === 'sound') this.continuity.restart();
    else this.continuity.allowJump();
  }

  /**
   * @param position of the packet in its file
   * @throws UntidyStreamError where packets must be sorted out
   */
  packet(buffer: Buffer, at: number, header: PacketHeader, position: number): void {
    if (header.isUnreadable) throw new UntidyStreamError('packets are damaged or scrambled');
    const end = at + PACKET_BYTES;
    if (header.payloadAt === end) return;
    const step = this.continuity.step(header);
    if (step === 'same') throw new UntidyStreamError('packets are repeated');
    const pes = header.isStart ? beginningOf(buffer, header, end) : undefined;
    if (step === 'gap' || step === 'doubt') this.#lose(position, pes?.pts !== undefined);
    if (pes?.pts !== undefined) {
      this.#close();
      const pts = this.#clock.at(pes.pts);
      const format = this.#formatAt(buffer.subarray(0, end), pes.payloadAt);
      const packet = { file: this.#file, start: position, end: position, pts, format };
      if (this.#isLost) this.afterLoss.add(this.packets.length);
      this.#isLost = false;
      this.packets.push(packet);
      this.#open = { packet, payloadBytes: 0, announcedBytes: 0 };
    }
    if (this.#open) {
      extend(this.#open, end - (pes?.payloadAt ?? header.payloadAt), pes);
      this.#open.packet.end = position + PACKET_BYTES;
    } else if (this.#take === 'all' && this.#file > 0 && !this.#isLost) {
      this.packingProblem ??= 'the sound spans chunks';
    }
  }

  endFile(): void {
    const open = this.#open;
    if (!open) return;
    const { announcedBytes, payloadBytes } = open;
    const isWhole =
      announcedBytes === undefined ? this.#take === 'all' : payloadBytes >= announcedBytes;
    const isDamaged = this.damage.at(-1)?.index === this.packets.length - 1;
    if (isWhole || (isDamaged && this.#take === 'all')) {
      this.#close();
    } else if (this.#take === 'all') {
      this.packingProblem ??= 'the sound spans chunks';
      this.#close();
    } else {
      this.packets.pop();
      if (isDamaged) this.damage.pop();
      this.#open = undefined;
    }
  }

  /** Packets are missing before the one at `position`. */
  #lose(position: number, isNew: boolean): void {
    const open = this.#open;
    if (!open) {
      this.#isLost = true;
      return;
    }
    const index = this.packets.length - 1;
    const isWhole = open.announcedBytes !== undefined && open.payloadBytes >= open.announcedBytes;
    if (isNew) this.#isLost = true;
    if (isWhole && isNew) return;
    const known = this.damage.at(-1);
    const breaks = isNew ? [] : [position];
    if (known?.index === index) known.breaks.push(...breaks);
    else this.damage.push({ index, breaks });
  }

  #close(): void {
    if (!this.#open) return;
    const { payloadBytes, announcedBytes } = this.#open;
    this.bytesBeforeLast = this.lastBytes;
    this.lastBytes = Math.min(payloadBytes, announcedBytes ?? payloadBytes);
    this.#open = undefined;
  }
}

function beginningOf(buffer: Buffer, header: PacketHeader, end: number): PesHeader {
  const pes = readPesHeader(buffer, header.payloadAt, end);
  if (!pes) throw new NotCopyableError('the sound is not packed as such');
  return pes;
}

function extend(open: OpenPacket, payloadBytes: number, pes?: PesHeader): void {
  open.payloadBytes += payloadBytes;
  if (!pes) return;
  const isKnown = open.announcedBytes !== undefined && pes.payloadBytes !== undefined;
  open.announcedBytes = isKnown ? open.announcedBytes! + pes.payloadBytes! : undefined;
}
