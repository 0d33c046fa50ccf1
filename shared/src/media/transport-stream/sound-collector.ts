import { NotCopyableError, UnusualPackingError } from '../not-copyable.ts';
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

/** Collects the packets of a stream of sound: one PES packet each, with those after it that have no time. */
export class SoundCollector {
  readonly packets: SoundPacket[] = [];
  readonly continuity = new Continuity();
  /** How much payload the last packet has, and the one before it. */
  lastBytes = 0;
  bytesBeforeLast = 0;
  readonly #clock: ContinuousClock;
  #file = 0;
  #take: Take = 'all';
  #open?: OpenPacket;

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
    if (take === 'sound') this.continuity.restart();
    else this.continuity.allowJump();
  }

  /** @param position of the packet in its file */
  packet(buffer: Buffer, at: number, header: PacketHeader, position: number): void {
    if (header.isUnreadable) throw new NotCopyableError('packets are damaged or scrambled');
    const end = at + PACKET_BYTES;
    if (header.payloadAt === end) return;
    this.continuity.check(header);
    const pes = header.isStart ? beginningOf(buffer, header, end) : undefined;
    if (pes?.pts !== undefined) {
      this.#close();
      const pts = this.#clock.at(pes.pts);
      const packet = { file: this.#file, start: position, end: position, pts };
      this.packets.push(packet);
      this.#open = { packet, payloadBytes: 0, announcedBytes: 0 };
    }
    if (this.#open) {
      extend(this.#open, end - (pes?.payloadAt ?? header.payloadAt), pes);
      this.#open.packet.end = position + PACKET_BYTES;
    } else if (this.#take === 'all' && this.#file > 0) {
      throw new UnusualPackingError('the sound spans chunks');
    }
  }

  /** @throws UnusualPackingError when the last packet goes on in the next file */
  endFile(): void {
    const open = this.#open;
    if (!open) return;
    const { announcedBytes, payloadBytes } = open;
    const isWhole =
      announcedBytes === undefined ? this.#take === 'all' : payloadBytes >= announcedBytes;
    if (isWhole) {
      this.#close();
    } else if (this.#take === 'all') {
      throw new UnusualPackingError('the sound spans chunks');
    } else {
      this.packets.pop();
      this.#open = undefined;
    }
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
