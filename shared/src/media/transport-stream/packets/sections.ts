import { PACKET_BYTES, type PacketHeader } from './packets.ts';
import { mpegCrc } from './tables.ts';

// Sections, of which tables consist: ISO/IEC 13818-1, 2.4.4. They may span packets, and share them.

const HEAD_BYTES = 3;
const STUFFING = 0xff;

/** One table, or a part of one. */
export interface Section {
  tableId: number;
  /** From `table_id` to before the CRC. */
  bytes: Buffer;
  /** Whether the CRC is right. */
  isSound: boolean;
}

/** Puts the sections of one stream together. */
export class SectionReader {
  #parts: Buffer = Buffer.alloc(0);
  #isOpen = false;
  #continuity?: number;

  /** @returns the sections that end with this packet */
  packet(buffer: Buffer, at: number, header: PacketHeader): Section[] {
    const end = at + PACKET_BYTES;
    if (header.isUnreadable || header.payloadAt >= end) return [];
    if (header.continuity === this.#continuity) return [];
    const isNext =
      this.#continuity === undefined || header.continuity === ((this.#continuity + 1) & 0x0f);
    this.#continuity = header.continuity;
    if (!isNext) this.#isOpen = false;
    if (!header.isStart) return this.#take(buffer.subarray(header.payloadAt, end));
    const pointer = buffer[header.payloadAt]!;
    const startAt = header.payloadAt + 1 + pointer;
    if (startAt > end) return [];
    const before = this.#take(buffer.subarray(header.payloadAt + 1, startAt));
    this.#parts = Buffer.alloc(0);
    this.#isOpen = true;
    return [...before, ...this.#take(buffer.subarray(startAt, end))];
  }

  #take(bytes: Buffer): Section[] {
    if (!this.#isOpen) return [];
    this.#parts = Buffer.concat([this.#parts, bytes]);
    const found: Section[] = [];
    while (this.#parts.length >= HEAD_BYTES && this.#parts[0] !== STUFFING) {
      const end = HEAD_BYTES + (this.#parts.readUInt16BE(1) & 0x0fff);
      if (end > this.#parts.length) return found;
      const section = this.#parts.subarray(0, end);
      if (end >= 12) {
        found.push({
          tableId: section[0]!,
          bytes: Buffer.from(section.subarray(0, end - 4)),
          isSound: mpegCrc(section) === 0,
        });
      }
      this.#parts = this.#parts.subarray(end);
    }
    if (this.#parts[0] === STUFFING) this.#isOpen = false;
    return found;
  }
}
