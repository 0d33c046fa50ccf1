import { isDeepStrictEqual } from 'node:util';
import { PACKET_BYTES, type PacketHeader, readPacketHeader } from '../packets/packets.ts';
import { readPesHeader } from '../packets/pes.ts';
import {
  type Association,
  associationsIn,
  isCurrent,
  type ProgramMap,
  readProgramMap,
} from '../packets/program-map.ts';
import { type Section, SectionReader } from '../packets/sections.ts';
import { ASSOCIATION_TABLE, PROGRAM_MAP_TABLE } from '../packets/tables.ts';

/** What the tables say from a packet on. Packets are counted through all files. */
export interface Since<Told> {
  packet: number;
  told: Told;
}

/** What there is of a stream. */
export interface StreamCount {
  /** Packets with a payload. */
  packets: number;
  scrambled: number;
  /** The first bytes of its first PES packets. */
  beginnings: Buffer[];
  /** Whether its PES packets are marked as audio, or as private streams, as audio is that MPEG does not know. */
  isAudioLike?: boolean;
  /** Whether the sync word of TrueHD was seen, which need not stand where a packet begins. */
  hasTrueHdSync?: boolean;
}

const MOST_BEGINNINGS = 16;
const MOST_SEARCHED = 2000;
/** The first bits of 0xc0 to 0xdf. */
const AUDIO_IDS = 0b110;
const PRIVATE_IDS: readonly number[] = [0xbd, 0xfd];

const TRUE_HD_SYNC = Buffer.from([0xf8, 0x72, 0x6f, 0xba]);
const NULL_PID = 0x1fff;

/** Looks at all packets before anything is decided: tables may come late, or only once. */
export class Survey {
  /** Of every program that was ever listed, by its place in the first list. */
  readonly lists: Since<Association[]>[] = [];
  readonly maps: Since<ProgramMap>[] = [];
  readonly streams = new Map<number, StreamCount>();
  /** The streams of other chunks of the track. */
  readonly elsewhere = new Map<number, StreamCount>();
  #packets = 0;
  readonly #readers = new Map<number, SectionReader>();
  readonly #mapPids = new Set<number>();
  /** What was said last, to tell whether it is said again. */
  readonly #last = new Map<string, { bytes: Buffer; isSound: boolean }>();

  packets(block: Buffer): void {
    for (let at = 0; at < block.length; at += PACKET_BYTES) {
      const header = readPacketHeader(block, at);
      if (header.pid === 0 || this.#mapPids.has(header.pid)) this.#table(block, at, header);
      else if (header.pid !== NULL_PID) this.#count(block, at, header);
      this.#packets++;
    }
  }

  /** Another file begins: a table does not go on in it. */
  beginFile(): void {
    this.#readers.clear();
  }

  /**
   * What another chunk of the track says, for chunks that say nothing themselves.
   * @param block its packets
   */
  borrow(block: Buffer): void {
    this.beginFile();
    for (let at = 0; at < block.length; at += PACKET_BYTES) {
      const header = readPacketHeader(block, at);
      if (header.pid === 0 || this.#mapPids.has(header.pid)) this.#table(block, at, header);
    }
    for (const since of [...this.lists, ...this.maps]) since.packet = -1;
  }

  /**
   * Which streams another chunk of the track uses: one that is silent here may not be there. Where its map says
   * otherwise, its numbers mean other streams.
   * @param block its packets
   */
  compare(block: Buffer): void {
    const other = new Survey();
    other.packets(block);
    const isKnown = ({ told }: Since<ProgramMap>) =>
      this.maps.some((own) => isDeepStrictEqual(own.told, told));
    if (other.maps.length > 0 && !other.maps.some(isKnown)) return;
    for (const [pid, stream] of other.streams) this.elsewhere.set(pid, stream);
  }

  #count(block: Buffer, at: number, header: PacketHeader): void {
    const end = at + PACKET_BYTES;
    if (header.payloadAt >= end) return;
    const stream = this.streams.get(header.pid) ?? {
      ...{ packets: 0, scrambled: 0, beginnings: [] },
    };
    this.streams.set(header.pid, stream);
    stream.packets++;
    if (header.isUnreadable) {
      if (!header.isError) stream.scrambled++;
      return;
    }
    if (stream.packets < MOST_SEARCHED && !stream.hasTrueHdSync) {
      stream.hasTrueHdSync = block.subarray(header.payloadAt, end).includes(TRUE_HD_SYNC);
    }
    if (!header.isStart || stream.beginnings.length >= MOST_BEGINNINGS) return;
    const pes = readPesHeader(block, header.payloadAt, end);
    if (!pes) return;
    stream.beginnings.push(Buffer.from(block.subarray(pes.payloadAt, end)));
    const id = block[header.payloadAt + 3]!;
    stream.isAudioLike ||= PRIVATE_IDS.includes(id) || id >> 5 === AUDIO_IDS;
  }

  #table(block: Buffer, at: number, header: PacketHeader): void {
    const reader = this.#readers.get(header.pid) ?? new SectionReader();
    this.#readers.set(header.pid, reader);
    for (const section of reader.packet(block, at, header)) {
      if (!isCurrent(section.bytes)) continue;
      if (header.pid === 0 && section.tableId === ASSOCIATION_TABLE) this.#list(section);
      else if (header.pid !== 0 && section.tableId === PROGRAM_MAP_TABLE) this.#map(section);
    }
  }

  /** A list may have several sections, which have a number each. */
  #list(section: Section): void {
    const number = section.bytes[6]!;
    if (!this.#isNews(`list ${number}`, section)) return;
    const listed = associationsIn(section.bytes);
    for (const { mapPid } of listed) this.#mapPids.add(mapPid);
    const before = number > 0 ? (this.lists.at(-1)?.told ?? []) : [];
    this.lists.push({ packet: this.#packets, told: [...before, ...listed] });
  }

  #map(section: Section): void {
    const map = readProgramMap(section.bytes);
    if (!this.#isNews(`map ${map.program}`, section)) return;
    this.maps.push({ packet: this.#packets, told: map });
  }

  /** What is damaged counts only where there is nothing else. */
  #isNews(name: string, { bytes, isSound }: Section): boolean {
    const last = this.#last.get(name);
    if (last && (last.isSound || !isSound) && (!isSound || last.bytes.equals(bytes))) return false;
    this.#last.set(name, { bytes, isSound });
    return true;
  }
}
