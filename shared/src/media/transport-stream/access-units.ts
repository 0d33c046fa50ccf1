import { type FileHandle, open } from 'node:fs/promises';
import { beginsWithNalUnit, isFirstSlice, NAL, nalUnits } from '../h264/nal-units.ts';
import { NotCopyableError, UnusualPackingError } from '../not-copyable.ts';
import {
  PACKET_BYTES,
  type PacketHeader,
  readPacketHeader,
  readTimestamp,
  SYNC_BYTE,
  ticksBetween,
} from './packets.ts';
import { programMapPid, videoPid } from './tables.ts';

/** One coded picture with all that belongs to it, where it lies in a transport stream. */
export interface AccessUnit {
  /** From the first byte of its first packet to that of the next unit; packets of others in between. */
  start: number;
  end: number;
  /** In ticks of 90 kHz, continuous across the wrap of the clock. */
  pts: number;
  isIdr: boolean;
  /** The parameter sets in it, without start codes. */
  sps: Buffer[];
  pps: Buffer[];
}

/** The H.264 video of a transport stream, in decoding order. */
export interface VideoIndex {
  file: string;
  pid: number;
  units: AccessUnit[];
}

const BLOCK_BYTES = 5000 * PACKET_BYTES;

/**
 * Lists the access units of a transport stream without decoding. The file is read in blocks; only the
 * list is kept.
 * @throws UnusualPackingError when access units share or span PES packets, or NotCopyableError when anything
 * else about it is not plain: lost packets, other codecs than H.264
 */
export async function indexAccessUnits(file: string, signal?: AbortSignal): Promise<VideoIndex> {
  const indexer = new Indexer();
  const handle = await open(file, 'r');
  try {
    const block = Buffer.alloc(BLOCK_BYTES);
    for (let position = 0; ; ) {
      signal?.throwIfAborted();
      const bytes = await readFully(handle, block, position);
      if (bytes % PACKET_BYTES !== 0) throw new NotCopyableError('a chunk ends within a packet');
      for (let at = 0; at < bytes; at += PACKET_BYTES) indexer.packet(block, at, position + at);
      position += bytes;
      if (bytes < BLOCK_BYTES) return { file, ...indexer.end(position) };
    }
  } finally {
    await handle.close();
  }
}

/** The byte stream of an access unit: what its packets carry, without the PES header. */
export async function readAccessUnit(
  handle: FileHandle,
  pid: number,
  { start, end }: AccessUnit,
): Promise<Buffer> {
  const packets = Buffer.allocUnsafe(end - start);
  await readFully(handle, packets, start);
  // Written over the packets it comes from, which are ahead of it at all times.
  let length = 0;
  for (let at = 0; at < packets.length; at += PACKET_BYTES) {
    const header = readPacketHeader(packets, at);
    if (header.pid !== pid) continue;
    const from = at === 0 ? elementaryAt(packets, header.payloadAt) : header.payloadAt;
    length += packets.copy(packets, length, from, at + PACKET_BYTES);
  }
  return packets.subarray(0, length);
}

async function readFully(handle: FileHandle, into: Buffer, position: number): Promise<number> {
  let bytes = 0;
  while (bytes < into.length) {
    const { bytesRead } = await handle.read(into, bytes, into.length - bytes, position + bytes);
    if (bytesRead === 0) break;
    bytes += bytesRead;
  }
  return bytes;
}

/** Where the payload of a PES packet begins, behind its header. */
const elementaryAt = (buffer: Buffer, at: number) => at + PES_FIXED_BYTES + buffer[at + 8]!;

/** The part of a PES header that is always there; the last of these bytes says how long the rest is. */
const PES_FIXED_BYTES = 9;

/** Goes through the packets once and collects the access units. */
class Indexer {
  #mapPid?: number;
  #videoPid?: number;
  #continuity?: number;
  /** Whether the tables were repeated since the last packet of video, as at the start of a chunk. */
  #isAfterTables = false;
  readonly #units: AccessUnit[] = [];
  /** The last decoding time as it stands in the stream, and on the continuous clock. */
  #lastDts?: { raw: number; ticks: number };
  /** What of the current access unit was read. */
  #stream = Buffer.allocUnsafe(1 << 20);
  #streamLength = 0;
  #packingProblem?: string;

  /** @param position of the packet in the file */
  packet(buffer: Buffer, at: number, position: number): void {
    if (buffer[at] !== SYNC_BYTE) throw new NotCopyableError('the packets are out of step');
    const header = readPacketHeader(buffer, at);
    if (header.pid === this.#videoPid) {
      this.#video(buffer, at, header, position);
      return;
    }
    if (!header.isStart) return;
    const packet = buffer.subarray(at, at + PACKET_BYTES);
    if (header.pid === 0) {
      this.#isAfterTables = true;
      this.#mapPid = programMapPid(packet, header.payloadAt - at);
    } else if (header.pid === this.#mapPid) {
      this.#useVideo(videoPid(packet, header.payloadAt - at));
    }
  }

  end(position: number): Pick<VideoIndex, 'pid' | 'units'> {
    this.#finishUnit(position);
    if (this.#videoPid === undefined || this.#units.length === 0) {
      throw new NotCopyableError('there is no H.264 video in the transport stream');
    }
    // Only now: what is packed in another way must be whole, too, to be repacked.
    if (this.#packingProblem) throw new UnusualPackingError(this.#packingProblem);
    return { pid: this.#videoPid, units: this.#units };
  }

  #useVideo(pid: number | undefined): void {
    if (this.#videoPid !== undefined && pid !== this.#videoPid) {
      throw new NotCopyableError('the video moves to another stream between chunks');
    }
    this.#videoPid = pid;
  }

  #video(buffer: Buffer, at: number, header: PacketHeader, position: number): void {
    if (header.isUnreadable) throw new NotCopyableError('packets are damaged or scrambled');
    const end = at + PACKET_BYTES;
    if (header.payloadAt === end) return;
    const mayJump = header.isDiscontinuity || (header.isStart && this.#isAfterTables);
    this.#count(header.continuity, mayJump);
    if (header.isStart) {
      this.#finishUnit(position);
      this.#beginUnit(buffer, header.payloadAt, end, position);
    } else if (this.#units.length > 0) {
      this.#append(buffer, header.payloadAt, end);
    }
  }

  /** Every chunk may count from where it likes; within one, a jump means that something is lost. */
  #count(continuity: number, mayJump: boolean): void {
    const expected = this.#continuity === undefined ? continuity : (this.#continuity + 1) & 0x0f;
    if (continuity !== expected && !mayJump) throw new NotCopyableError('packets are missing');
    this.#continuity = continuity;
    this.#isAfterTables = false;
  }

  #beginUnit(buffer: Buffer, at: number, end: number, position: number): void {
    const hasHeader = at + PES_FIXED_BYTES <= end && elementaryAt(buffer, at) <= end;
    const isPes = hasHeader && buffer.readUIntBE(at, 3) === 1;
    const flags = buffer[at + 7]! >> 6;
    if (!isPes || (flags & 2) === 0) throw new NotCopyableError('pictures lack a time stamp');
    const rawPts = readTimestamp(buffer, at + 9);
    const raw = flags === 3 ? readTimestamp(buffer, at + 14) : rawPts;
    const last = this.#lastDts;
    const ticks = last ? last.ticks + ticksBetween(last.raw, raw) : raw;
    this.#lastDts = { raw, ticks };
    const pts = ticks + ticksBetween(raw, rawPts);
    this.#units.push({ start: position, end: position, pts, isIdr: false, sps: [], pps: [] });
    this.#append(buffer, elementaryAt(buffer, at), end);
  }

  #append(buffer: Buffer, from: number, to: number): void {
    if (this.#streamLength + PACKET_BYTES > this.#stream.length) {
      this.#stream = Buffer.concat([this.#stream], this.#stream.length * 2);
    }
    this.#streamLength += buffer.copy(this.#stream, this.#streamLength, from, to);
  }

  #finishUnit(end: number): void {
    const unit = this.#units.at(-1);
    if (!unit) return;
    unit.end = end;
    this.#packingProblem ??= describeUnit(unit, this.#stream.subarray(0, this.#streamLength));
    this.#streamLength = 0;
  }
}

/** Fills in what the byte stream of a unit tells. @returns what is unusual about its packing */
function describeUnit(unit: AccessUnit, stream: Buffer): string | undefined {
  if (!beginsWithNalUnit(stream)) return 'pictures span PES packets';
  let firstSlices = 0;
  for (const { type, bytes } of nalUnits(stream)) {
    if (type === NAL.sps) unit.sps.push(Buffer.from(bytes));
    else if (type === NAL.pps) unit.pps.push(Buffer.from(bytes));
    else if (type === NAL.slice || type === NAL.idrSlice) {
      if (isFirstSlice(bytes)) firstSlices++;
      unit.isIdr = type === NAL.idrSlice;
    } else if (UNPLAIN.includes(type)) {
      throw new NotCopyableError('the H.264 has extensions that cannot be copied');
    }
  }
  return firstSlices === 1 ? undefined : 'pictures share PES packets';
}

const UNPLAIN: number[] = [NAL.partitionA, NAL.subsetSps, NAL.extensionSlice];
